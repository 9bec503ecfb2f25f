# --- the mirror ----------------------------------------------------------------------------------------
# Bare, outside every slot, never pruned. What it has is used without any network.

# Nothing that a user, a machine or a repository configured may change what git does here.
GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null GIT_ATTR_NOSYSTEM=1 GIT_NO_REPLACE_OBJECTS=1
GIT_TERMINAL_PROMPT=0 GIT_OPTIONAL_LOCKS=0 GIT_SSH_COMMAND='ssh -oBatchMode=yes'
export GIT_CONFIG_NOSYSTEM GIT_CONFIG_GLOBAL GIT_ATTR_NOSYSTEM GIT_NO_REPLACE_OBJECTS
export GIT_TERMINAL_PROMPT GIT_OPTIONAL_LOCKS GIT_SSH_COMMAND

plain_git() {
  git -c core.hooksPath=/dev/null -c core.fsmonitor=false -c core.attributesFile=/dev/null \
    -c core.excludesFile=/dev/null -c core.quotePath=false -c core.fileMode=true -c core.symlinks=true \
    -c core.autocrlf=false -c submodule.recurse=false -c protocol.allow=never "$@"
}

remote_git() {
  timeout -k 2 "$left" git -c core.hooksPath=/dev/null -c submodule.recurse=false -c protocol.allow=never \
    -c "protocol.$transport.allow=always" -c credential.helper= -c gc.auto=0 -c maintenance.auto=false \
    -c fetch.unpackLimit=1 -c transfer.unpackLimit=1 --git-dir="$mirror" "$@" 7>&- 8>&-
}

# find_commit: sets $commit and $tree, and fetches only when the mirror lacks them.
find_commit() {
  want=$p_commit new_mirror=0
  phase resolving
  if [ -z "$wanted_ref" ]; then look_up "$want" && return; fi
  phase fetching
  # A job that could open the lock could also hold it.
  umask 077
  mkdir -p "$root/mirrors" || fail_write "the mirror"
  exec 8>>"$root/mirrors/$p_repository.lock"
  umask 022
  uptime
  fetch_deadline=$((uptime + p_timeout * 100))
  flock -w "$p_timeout" 8 || fail remote fetch_failed "another fetch of this repository took too long"
  if [ -n "$wanted_ref" ]; then ask_remote; fi
  if ! look_up "$want"; then
    fetch_commit
    look_up "$want" || unknown_commit
  fi
  exec 8>&-
}

unknown=unknown_commit
unknown_commit() { fail request "$unknown" "the repository has no commit $p_commit"; }

# look_up ID: the commit an id stands for (a tag's, too), and its tree.
look_up() {
  [ -d "$mirror/objects" ] && [ ! -e "$mirror/refused/$1" ] || return 1
  found=$(printf '%s^{commit}\n%s^{tree}\n' "$1" "$1" |
    plain_git --git-dir="$mirror" cat-file --batch-check='%(objecttype) %(objectname)') || return 1
  case $found in
    "commit "*"${LF}tree "*) ;;
    *) return 1 ;;
  esac
  commit=${found%%"$LF"*} commit=${commit#commit } tree=${found##*tree }
}

time_left() {
  uptime
  left=$(((fetch_deadline - uptime) / 100))
  [ "$left" -ge 1 ] || fail remote fetch_failed "the deadline for the fetch passed"
}

# ask_remote: which id the branch, tag or ref has now. Branches come before tags of the same name.
ask_remote() {
  tag=''
  case $p_commit in HEAD | refs/*) ;; *) tag=refs/tags/$p_commit ;; esac
  time_left
  said=$(remote_git ls-remote -- "$p_url" "$wanted_ref" ${tag:+"$tag"} 2>&1 >"$job.refs") || judge_fetch "$?"
  want='' tagged=''
  while read -r id name; do
    [ "$name" != "$wanted_ref" ] || want=$id
    [ "$name" != "$tag" ] || tagged=$id
  done <"$job.refs"
  want=${want:-$tagged}
  [ -n "$want" ] || unknown_commit
}

make_mirror() {
  [ ! -d "$mirror/objects" ] || return 0
  format=sha1
  [ ${#want} -ne 64 ] || format=sha256
  { rm -rf "$mirror.new" && plain_git init -q --bare --template= --object-format=$format "$mirror.new" &&
    git --git-dir="$mirror.new" config gc.auto 0 && chmod 700 "$mirror.new" && mv "$mirror.new" "$mirror"; } ||
    fail_write "the mirror"
  new_mirror=1
}

# fetch_commit: the wanted id alone; a server that refuses ids is asked for all branches and tags instead.
# git may say yes and still reject the ref, so what it said counts, and what is there afterwards.
fetch_commit() {
  make_mirror
  # Only the holder of the lock writes here: whatever a killed fetch left is garbage.
  find "$mirror" \( -name '*.lock' -o -name 'tmp_*' \) -type f -delete
  fetched=1
  try_fetch "+$want:refs/lease/$want"
  verdict=$?
  case $said in
    *'not allow request for unadvertised'*)
      try_fetch '+refs/heads/*:refs/mirror/heads/*' '+refs/tags/*:refs/mirror/tags/*'
      verdict=$?
      ;;
  esac
  case $verdict$LF$said in
    "0$LF"*"${LF}warning: rejected "* | "0$LF"*"$LF ! "* | "0${LF}warning: rejected "*) judge_fetch 0 ;;
    "0$LF"*) ;;
    *) judge_fetch "$verdict" ;;
  esac
  rm -f "$mirror/refused/$want"
}

# What git says is kept in a variable: a disk that is full would swallow the words that say so.
try_fetch() {
  time_left
  said=$(remote_git fetch --no-tags --no-write-fetch-head --no-recurse-submodules --no-auto-maintenance -- \
    "$p_url" "$@" 2>&1 >/dev/null)
}

# judge_fetch STATUS: whose fault it was. git says so only in words; LC_ALL=C keeps them the same everywhere.
# A mirror that never had a fetch succeed is not kept.
judge_fetch() {
  [ "$new_mirror" = 0 ] || rm -rf "$mirror"
  case $said in
    *'No space left on device'*) fail host disk_full "$said" ;;
    *'shallow roots are not allowed'* | *'shallow update not allowed'*)
      # The objects came all the same; without a history they must not pass for a commit that is there.
      [ ! -d "$mirror" ] || { mkdir -p "$mirror/refused" && : >"$mirror/refused/$want"; }
      fail request shallow_source "the repository is a shallow clone: it lacks history"
      ;;
    *'not our ref'* | *"couldn't find remote ref"* | *'unadvertised object'*) unknown_commit ;;
  esac
  [ "$1" != 124 ] || fail remote fetch_failed "the deadline for the fetch passed"
  fail remote fetch_failed "$said"
}
