# --- merge ---------------------------------------------------------------------------------------------

# make_landing: the worker. Everything that goes into the commits is in the request, so that the same request on the
# same head makes the same commits again, on whichever host.
make_landing() {
  begin_landing
  uptime
  started=$uptime
  case $strategy in merge | squash | rebase) ;; *) fail request bad_payload "no such strategy" ;; esac
  need_number "$date"
  find_head
  head_tree=$tree
  if landed_already; then
    tell_landed
    return
  fi
  if [ -n "$expected" ] && [ "$expected" != "$head" ]; then
    answer done state=moved "head=$head"
    return
  fi
  p_commit=$wanted_source
  check_commit
  find_commit
  source=$commit source_tree=$tree at=$commit
  phase merging
  if plain_git --git-dir="$mirror" merge-base --is-ancestor "$source" "$head"; then
    tell_already
    return
  fi
  make_store "$head" || fail_write "the landing's repository"
  GIT_ATTR_SOURCE=$head
  export GIT_ATTR_SOURCE
  GIT_COMMITTER_NAME=$committer_name GIT_COMMITTER_EMAIL=$committer_email GIT_COMMITTER_DATE="@$date +0000"
  export GIT_COMMITTER_NAME GIT_COMMITTER_EMAIL GIT_COMMITTER_DATE
  "land_by_$strategy"
  unset GIT_ATTR_SOURCE
  if [ "$made_tree" = "$head_tree" ]; then
    tell_already
    return
  fi
  adopt
  [ "$with_copy" != 1 ] || copy_landing
  uptime
  answer done state=made "commit=$made" "tree=$made_tree" "before=$head" "source=$source" \
    "milliseconds=$(((uptime - started) * 10))"
  delete "$store"
}

tell_already() { answer done state=already "head=$head" "source=$source"; }

land_by_merge() {
  three_way "$head" "$source"
  [ -n "$message" ] || message="Merge $wanted_source into $branch"
  take_author ''
  commit_tree "$merged" -p "$head" -p "$source"
}

land_by_squash() {
  three_way "$head" "$source"
  [ -n "$message" ] || message=$(store_git log -1 --format=%B "$source")
  take_author "$source"
  commit_tree "$merged" -p "$head"
}

# land_by_rebase: each commit of the source on top of the one before. A merge among them may have resolved conflicts that
# a rebase would lose without a word, so it is refused.
land_by_rebase() {
  store_git rev-list --reverse --topo-order --parents "$head..$source" >"$job.list" || merge_failed
  made=$head made_tree=$head_tree given=$message
  while read -r at parent others; do
    [ -n "$parent" ] || fail request unrelated_histories "the source and the branch have no commit in common"
    [ -z "$others" ] || fail request not_linear "commit $at is a merge, which a rebase cannot take along"
    pick
  done <"$job.list"
}

# pick: $at, whose parent is $parent, on top of $made. Told as a merge of two commits with that one parent, because
# git 2.39 does not let a caller name the base.
pick() {
  on=$made on_tree=$made_tree
  base=$(bare_commit "$parent^{tree}") && ours=$(bare_commit "$on_tree" -p "$base") &&
    theirs=$(bare_commit "$at^{tree}" -p "$base") || merge_failed
  three_way "$ours" "$theirs"
  # Its changes are there already.
  [ "$merged" != "$on_tree" ] || return 0
  message=$given
  [ -n "$message" ] || message=$(store_git log -1 --format=%B "$at")
  take_author "$at"
  commit_tree "$merged" -p "$on"
}

bare_commit() {
  GIT_AUTHOR_NAME=drydock GIT_AUTHOR_EMAIL=drydock GIT_AUTHOR_DATE='@0 +0000' store_git commit-tree -m base "$@"
}

# take_author COMMIT: who was named, else the commit's author with the time he wrote it, else the committer.
take_author() {
  GIT_AUTHOR_NAME=$committer_name GIT_AUTHOR_EMAIL=$committer_email GIT_AUTHOR_DATE="@$date +0000"
  if [ -n "$author_email" ]; then
    GIT_AUTHOR_NAME=$author_name GIT_AUTHOR_EMAIL=$author_email
  elif [ -n "$1" ]; then
    {
      IFS= read -r GIT_AUTHOR_NAME
      IFS= read -r GIT_AUTHOR_EMAIL
      IFS= read -r GIT_AUTHOR_DATE
    } <<END
$(store_git log -1 --date=raw --format='%an%n%ae%n@%ad' "$1")
END
    GIT_AUTHOR_NAME=${GIT_AUTHOR_NAME:-unknown}
  fi
  export GIT_AUTHOR_NAME GIT_AUTHOR_EMAIL GIT_AUTHOR_DATE
}

# commit_tree TREE PARENTS...: with $message and the landing's name as a trailer. Sets $made and $made_tree.
commit_tree() {
  made_tree=$1
  printf '%s\n' "$message" | store_git stripspace |
    store_git interpret-trailers --no-divider --if-exists replace --trailer "Drydock-Landing: $landing" \
      >"$job.message" || merge_failed
  made=$(store_git commit-tree -F "$job.message" "$@") || merge_failed
}
