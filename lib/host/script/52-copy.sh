# --- the working copy ----------------------------------------------------------------------------------
# Procedure J: a new .git beside the old files, of which only those stay whose raw bytes are the commit's.

copy_git() { plain_git --git-dir="$build" --work-tree="$copy" "$@"; }

renew_copy() {
  name_build
  prepare_copy || return 1
  [ -d "$copy" ] || mkdir "$copy" || return 1
  [ -w "$copy" ] && [ -x "$copy" ] || chmod 755 "$copy" || return 1
  discard "$copy/.git" "$build" || return 1
  fill_copy
}

name_build() {
  build=$slot/build/$entry/git notes=$slot/build/$entry/notes
  kept_index=$slot/build/$entry/index
}

# prepare_copy: a copy that is no directory is not looked at.
prepare_copy() {
  [ ! -L "$slot/copies" ] && [ -d "$slot/copies" ] || return 1
  if [ -L "$copy" ] || { [ -e "$copy" ] && [ ! -d "$copy" ]; }; then discard "$copy"; fi
}

fill_copy() {
  cd -P "$copy" && [ "$PWD" = "$copy" ] || return 1
  make_git_directory || return 1

  # The index of the last checkout knows which files it wrote itself: git then reads them once less. It cannot
  # vouch for bytes, because every kept file is hashed below whatever the index says.
  merge=''
  [ ! -f "$kept_index" ] || { mv "$kept_index" "$build/index" && merge=-m; } || return 1

  # Both halves only read what the other does not write.
  { plain_git --git-dir="$mirror" ls-tree -r "--format=%(path)$TAB%(objectmode)$TAB%(objectname)" "$commit" \
    >"$notes/tree" && copy_git read-tree $merge "$commit"; } &
  reading=$!
  sift >"$notes/found" || { wait "$reading"; return 1; }
  wait "$reading" || return 1
  sort -o "$notes/found" "$notes/found"
  empty_gitlinks

  # Git's own re-hash normalises line ends and would call changed bytes clean: it only serves to fill the index.
  { copy_git clean -ffdxq && { copy_git update-index -q --refresh >/dev/null || :; }; } &
  refreshing=$!
  find_changed >"$notes/changed" || { wait "$refreshing"; return 1; }
  wait "$refreshing" || return 1
  [ ! -s "$notes/changed" ] || xargs -d '\n' rm -f -- <"$notes/changed" || return 1
  copy_git checkout-index -q -f -a -u || return 1
  phase proving
  prove || return 1
  cp -p "$build/index" "$kept_index" || return 1
  mv "$build" "$copy/.git"
}

# What `git init --template=` makes, without the process; nothing of the old one is looked at.
make_git_directory() {
  mkdir -p "$notes" "$build/objects/info" "$build/objects/pack" "$build/refs/heads" || return 1
  version=0 extension=''
  [ ${#commit} -ne 64 ] || version=1 extension="[extensions]${LF}${TAB}objectformat = sha256$LF"
  printf '[core]\n\trepositoryformatversion = %s\n\tfilemode = true\n\tbare = false\n\tlogallrefupdates = true\n%s' \
    "$version" "$extension" >"$build/config" &&
    printf '%s\n' "$mirror/objects" >"$build/objects/info/alternates" &&
    printf '%s\n' "$commit" >"$build/HEAD"
}

# sift: removes what may not stay whatever the commit says (anything named .git or .gitattributes, links, names that
# git would quote, special files, hard links, odd modes), and lists the regular files that may.
sift() {
  find . \
    \( -name .git -o -name .gitattributes -o -name '*[[:cntrl:]"\\]*' \) -prune -exec rm -rf -- {} + \
    -o -type d ! -perm 755 -exec chmod 00755 {} \; \
    -o -type d \
    -o -type f -links 1 \( -perm 644 -o -perm 755 \) -printf '%P\n' \
    -o -exec rm -f -- {} +
}

# Files in the directory of a submodule that was not asked for belong to nobody, and `clean` leaves them alone.
empty_gitlinks() {
  grep -e "${TAB}160000$TAB" "$notes/tree" >"$notes/links" || return 0
  while IFS=$TAB read -r path _; do rm -rf -- "./$path"; done <"$notes/links"
}

# find_changed: kept files (none has a name that git quotes) whose raw bytes are not those of the commit.
find_changed() {
  grep -v '^"' "$notes/tree" >"$notes/plain"
  join -t "$TAB" "$notes/found" "$notes/plain" >"$notes/known" || return 1
  cut -f 1 "$notes/known" >"$notes/files"
  copy_git hash-object --no-filters --stdin-paths <"$notes/files" >"$notes/hashes" || return 1
  cut -f 3 "$notes/known" | paste "$notes/files" - >"$notes/wanted"
  paste "$notes/files" "$notes/hashes" | comm -13 "$notes/wanted" - | cut -f 1
}

# prove: the index is the commit's tree, and the files are the index; those not written above had the raw hash.
prove() {
  copy_git write-tree >"$notes/proof" &
  proving=$!
  left_over=$(copy_git status --porcelain --ignored --untracked-files=all) || { wait "$proving"; return 1; }
  wait "$proving" || return 1
  read -r proof <"$notes/proof"
  [ "$proof" = "$tree" ] && [ -z "$left_over" ] || {
    printf 'tree %s, expected %s\n%s\n' "$proof" "$tree" "$left_over" >&2
    return 1
  }
  files=$(wc -l <"$notes/tree")
}
