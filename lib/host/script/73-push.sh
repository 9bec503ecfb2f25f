# --- push ----------------------------------------------------------------------------------------------
# One commit that was recorded, onto one branch, without force. The remote's head is asked for before and after: only
# that tells whether it is there, whatever became of the answer in between.

push_landing() {
  begin_landing
  uptime
  fetch_deadline=$((uptime + p_timeout * 100))
  phase checking
  prove_landing
  known="$known $landed"
  ask_head
  [ "$head" = "$before" ] || tell_other
  make_store "$landed" || fail_write "the landing's repository"
  phase pushing
  try_push
  pushed=$? words=$said
  ask_head
  [ "$head" = "$before" ] || tell_other
  if [ "$dry.$pushed" = 1.0 ]; then
    answer done state=dry "head=$head"
    exit 0
  fi
  judge_push
}

# prove_landing: the objects that the remote does not have yet are what their names say. Another host than the one that
# made them does not have them, and is told to make them, too.
prove_landing() {
  if ! look_up "$landed" || ! look_up "$before"; then
    answer done state=missing
    exit 0
  fi
  look_up "$landed"
  [ "$commit.$tree" = "$landed.$landed_tree" ] || fail host unproven "the commit has another tree than was recorded"
  same=$(plain_git --git-dir="$mirror" cat-file commit "$landed" | plain_git --git-dir="$mirror" hash-object -t commit --stdin)
  [ "$same" = "$landed" ] &&
    plain_git --git-dir="$mirror" rev-list --quiet --verify-objects "$landed" --not "$before" 2>>"$job.log" ||
    fail host unproven "the commit's objects are not what their names say: $(tail -c 1000 "$job.log")"
}

# ask_head: sets $head to the branch's id at the remote, without a fetch.
ask_head() {
  unknown=unknown_branch p_commit=refs/heads/$branch wanted_ref=$branch_ref
  ask_remote
  unknown=unknown_commit
  head=$want
}

# tell_other: the branch is not where the commit was made for. Either this landing is in it, or it has moved.
tell_other() {
  wanted_ref='' p_commit=$head
  find_commit
  if landed_already; then
    tell_landed
  else
    answer done state=moved "head=$head"
  fi
  exit 0
}

try_push() {
  time_left
  set --
  [ "$dry" != 1 ] || set -- --dry-run
  said=$(timeout -k 2 "$left" git -c core.hooksPath=/dev/null -c protocol.allow=never -c "protocol.$transport.allow=always" \
    -c credential.helper= -c push.followTags=false -c push.gpgSign=false -c push.recurseSubmodules=no \
    --git-dir="$store" push --porcelain --no-verify "$@" -- "$p_url" "$landed:$branch_ref" 2>&1 7>&- 8>&-)
}

# judge_push: git says only in words why a push did nothing. A remote that refused will refuse again.
judge_push() {
  case $words in
    *'No space left on device'*'[remote rejected]'* | *'cannot lock ref'* | *'failed to update ref'*) ;;
    *'[remote rejected]'* | *'[rejected]'* | *' 403'* | *'ermission denied'* | *'ermission to '* | *'protected branch'*)
      fail request push_refused "$words"
      ;;
  esac
  [ "$pushed" != 124 ] || fail remote push_failed "the deadline for the push passed"
  fail remote push_failed "$words"
}

case $#.${1:-} in
  1.merge | 1.push)
    read_payload
    verb_landing "$1"
    exit 0
    ;;
  4.merge | 4.push)
    p_slot=$2 p_epoch=$3 p_repository=${4%+*} p_number=${4##*.} p_nonce=worker
    name_slot
    name_landing "$1"
    case $1 in merge) make_landing ;; push) push_landing ;; esac
    exit 0
    ;;
esac
