# --- a checkout with merges ----------------------------------------------------------------------------
# Refs are merged onto the commit before it is checked out, among objects that only control can write; the working copy
# is then filled with what came of it like with any commit.

# merge_refs: the refs of $merges onto $commit, one after the other. Sets $commit and $tree to the outcome, which is the
# same for the same commits wherever it is made, and $told to what was merged.
merge_refs() {
  base=$commit made=$commit made_tree=$tree head=$commit ids=''
  make_store "$commit" || fail_write "the repository of the merges"
  GIT_ATTR_SOURCE=$commit
  GIT_COMMITTER_NAME=Drydock GIT_COMMITTER_EMAIL=drydock@localhost GIT_COMMITTER_DATE=$(store_git log -1 --format='@%ct +0000' "$commit")
  GIT_AUTHOR_NAME=Drydock GIT_AUTHOR_EMAIL=drydock@localhost GIT_AUTHOR_DATE=$GIT_COMMITTER_DATE
  export GIT_ATTR_SOURCE GIT_COMMITTER_NAME GIT_COMMITTER_EMAIL GIT_COMMITTER_DATE
  export GIT_AUTHOR_NAME GIT_AUTHOR_EMAIL GIT_AUTHOR_DATE
  while read -r strategy p_commit; do merge_ref || exit; done <<END
${merges%"$LF"}
END
  if [ "$made" != "$base" ]; then adopt; fi
  unset GIT_ATTR_SOURCE GIT_COMMITTER_NAME GIT_COMMITTER_EMAIL GIT_COMMITTER_DATE
  unset GIT_AUTHOR_NAME GIT_AUTHOR_EMAIL GIT_AUTHOR_DATE
  commit=$made tree=$made_tree told="base=$base merged=${ids#,}"
  delete "$store"
}

merge_ref() {
  check_commit
  find_commit
  source=$commit at=$p_commit ids=$ids,$commit
  phase merging
  ! store_git merge-base --is-ancestor "$source" "$made" || return 0
  three_way "$made" "$source"
  case $strategy in
    merge) set -- -p "$made" -p "$source" ;;
    *) set -- -p "$made" ;;
  esac
  made=$(printf '%s %s\n' "$strategy" "$p_commit" | store_git commit-tree -F - "$@" "$merged") || merge_failed
  made_tree=$merged
}

case $#.${1:-} in
  4.merge-and-materialise)
    p_slot=$2 p_epoch=$3 p_nonce=worker
    name_work "$4"
    materialise
    exit 0
    ;;
esac
