# --- what a merge comes to -----------------------------------------------------------------------------

# three_way OURS THEIRS: sets $merged to a tree; conflicts are told, and end the worker. No working tree, no index, no
# configured driver, no filter takes part.
three_way() {
  store_git merge-tree --write-tree --name-only --no-messages -z "$1" "$2" >"$job.merged" 2>>"$job.log"
  case $? in
    0) merged=$(tr -d '\0' <"$job.merged") ;;
    1) tell_conflict "$@" ;;
    *) merge_failed ;;
  esac
}

# tell_conflict: names end with a NUL each and may hold anything else; the first is the tree's.
tell_conflict() {
  answer done state=conflict "phase=$strategy" "at=$at" "head=$head" "source=$source" \
    "files64=$(head -c 12000 "$job.merged" | base64 -w0)" \
    "said64=$(store_git merge-tree --write-tree --name-only "$1" "$2" 2>>"$job.log" |
      grep -a -e '^CONFLICT ' | head -c 4000 | base64 -w0)"
  delete "$store"
  exit 0
}

merge_failed() {
  said=$(tail -c 1000 "$job.log")
  case $said in
    *'unrelated histories'*) fail request unrelated_histories "the source and the branch have no commit in common" ;;
    *'No space left on device'*) fail host disk_full "$said" ;;
    *'invalid date'* | *'ident name'* | *'invalid author'*) fail request bad_payload "$said" ;;
  esac
  fail host script_failed "the merge failed: $said"
}

# adopt: the mirror gets the commit by a fetch, which computes every object's name anew: what has that name there is what
# was made here, and only the holder of the mirror's lock has written it.
adopt() {
  phase adopting
  store_git update-ref refs/heads/landed "$made" || merge_failed
  uptime
  fetch_deadline=$((uptime + p_timeout * 100))
  (umask 077 && : >>"$root/mirrors/$p_repository.lock")
  exec 8>>"$root/mirrors/$p_repository.lock"
  flock -w "$p_timeout" 8 || fail host script_failed "the mirror's lock stayed taken"
  source_url=$p_url source_transport=$transport
  p_url=$store transport=file
  try_fetch "+refs/heads/landed:refs/lease/$made" || fail host unproven "the mirror does not take the commit: $said"
  p_url=$source_url transport=$source_transport
  exec 8>&-
  look_up "$made" && [ "$commit.$tree" = "$made.$made_tree" ] ||
    fail host unproven "the mirror has another commit than was made"
}

# copy_landing: the lease's working copy becomes that commit, by the procedure of every checkout.
copy_landing() {
  unset GIT_CONFIG_COUNT GIT_CONFIG_VALUE_0 GIT_COMMITTER_NAME GIT_COMMITTER_EMAIL GIT_COMMITTER_DATE
  unset GIT_AUTHOR_NAME GIT_AUTHOR_EMAIL GIT_AUTHOR_DATE
  commit=$made tree=$made_tree p_secret=''
  phase materialising
  renew=renew_copy
  if [ -n "$uid" ]; then
    renew=renew_as_user
    share_mirror
  fi
  if ! $renew; then
    cd "$root" || exit 97
    discard "$copy" || fail host script_failed "cannot put the broken copy aside"
    $renew || give_up
  fi
  [ -e "$lease/working-copy" ] || printf '%s\n' "$copy" >"$lease/working-copy"
}
