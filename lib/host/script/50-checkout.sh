# --- checkout ------------------------------------------------------------------------------------------
# The work is done by a detached worker, so that it outlives the connection; its answer is the file N.answer.

name_checkout() {
  case $p_repository in '' | .* | *[!A-Za-z0-9._%-]*) fail request bad_payload "bad repository name" ;; esac
  mirror=$root/mirrors/$p_repository.git work_id=$p_repository entry=$p_repository root_copy=$slot/copies/$p_repository
  copy=$root_copy
  [ -z "$p_place" ] || name_place
  job=$lease/checkouts/$entry
}

# name_place: of a collection COLLECTION/DIRECTORY. Its repositories lie side by side in a directory of control's.
name_place() {
  case $p_place in
    *[!A-Za-z0-9._/-]* | */*/* | *..* | */.* | */-*) fail request bad_payload "bad place in a collection" ;;
    _?*/?*) ;;
    *) fail request bad_payload "bad place in a collection" ;;
  esac
  work_id=$p_repository=$p_place entry=${p_place%/*}+${p_place#*/}
  root_copy=$slot/copies/${p_place%/*} copy=$slot/copies/$p_place
}

# name_work WORK: as its worker is told.
name_work() {
  p_repository=${1%%=*} p_place=''
  case $1 in *=*) p_place=${1#*=} ;; esac
  name_slot
  name_checkout
}

# clear_collection: within the lock, before the first checkout into it. Nothing lies beside its repositories.
clear_collection() {
  for request in "$lease/checkouts/${p_place%/*}+"*.request; do [ ! -e "$request" ] || return 0; done
  if [ -L "$root_copy" ] || { [ -e "$root_copy" ] && [ ! -d "$root_copy" ]; }; then discard "$root_copy"; fi
  [ -d "$root_copy" ] || mkdir "$root_copy" 9>&- || fail_write "the collection"
  chmod 755 "$root_copy" 9>&-
  for thing in "$root_copy"/* "$root_copy"/.[!.]* "$root_copy"/..?*; do
    case " $p_beside " in *" ${thing##*/} "*) ;; *) discard "$thing" ;; esac
  done
}

answered() { [ -s "$job.answer" ] && [ "$(tail -n 1 "$job.answer")" = end ]; }

# A failure is told once; asked again, the checkout starts anew. A success is repeated.
tell() {
  read -r verdict <"$job.answer"
  cat "$job.answer"
  [ "$verdict" = done ] || mv -f "$job.request" "$job.failed"
}

verb_checkout() {
  name_slot
  need_number "$p_wait"
  need_number "$p_timeout"
  lock
  require_open
  name_checkout
  wanted="$p_commit $p_file $p_url"
  if [ -e "$job.request" ]; then
    unlock
    read_request
    [ "$stored$LF$merges" = "$wanted$LF$p_merges" ] || fail request bad_payload "this lease has another checkout of that repository"
    await_checkout
    return
  fi
  check_commit
  check_url
  check_merges
  [ -z "$p_place" ] || clear_collection
  printf '%s\n%s\n%s' "$wanted" "$p_timeout" "$p_merges" >"$job.request" || { rm -f "$job.request" && fail_write "the checkout"; }
  printf 'starting\n' >"$job.phase"
  # The worker alone holds the pipe, so its end, whatever the cause, ends the wait without polling.
  {
    start_detached checkout "$worker" "$work_id" 7>&1 </dev/null >"$job.answer" 2>"$job.log" 9>&- &
    note "$job.pid" "$!"
  } | timeout "$p_wait.01" cat >/dev/null 9>&- &
  unlock
  wait "$!"
  tell_checkout
}

# read_request: sets $stored, $limit and $merges.
read_request() {
  merges=''
  {
    IFS= read -r stored
    IFS= read -r limit
    while IFS= read -r line; do merges=$merges$line$LF; done
  } <"$job.request"
}

# check_merges: what is to be merged is named like a commit. Sets $worker, which can do it.
check_merges() {
  worker=materialise
  [ -n "$p_merges" ] || return 0
  worker=merge-and-materialise asked=$p_commit
  while read -r how p_commit; do
    case $how in merge | squash) check_commit ;; *) fail request bad_payload "no such way to merge" ;; esac
  done <<END
${p_merges%"$LF"}
END
  p_commit=$asked
  check_commit
}

# await_checkout: another call started it; naps grow, because this is the path of long fetches.
await_checkout() {
  uptime
  deadline=$((uptime + p_wait * 100)) nap=0.01
  while alive "$job.pid" && [ "$uptime" -lt "$deadline" ]; do
    sleep "$nap"
    case $nap in 0.01) nap=0.02 ;; 0.02) nap=0.05 ;; *) nap=0.1 ;; esac
    uptime
    require_open
  done
  tell_checkout
}

tell_checkout() {
  if answered; then
    tell
  elif alive "$job.pid"; then
    read -r phase <"$job.phase"
    answer done state=running "phase=$phase"
  elif answered; then
    tell
  else
    require_open
    mv -f "$job.request" "$job.failed"
    fail host script_failed "the checkout's worker died: $(tail -c 1000 "$job.log")"
  fi
}

phase() { printf '%s\n' "$1" >"$job.phase"; }

# Full ids as they are; everything else must be a name that git accepts, and can never look like an option.
check_commit() {
  wanted_ref=''
  case $p_commit in
    '' | -* | *[[:cntrl:]]*) fail request bad_ref "not a commit id, branch, tag or ref" ;;
    *[!0-9a-f]*) ;;
    *) case ${#p_commit} in 40 | 64) return ;; esac ;;
  esac
  case $p_commit in
    HEAD | refs/*) wanted_ref=$p_commit ;;
    *) wanted_ref=refs/heads/$p_commit ;;
  esac
  [ "$wanted_ref" = HEAD ] || git check-ref-format "$wanted_ref" 9>&- ||
    fail request bad_ref "not a commit id, branch, tag or ref"
}

# check_url: also decides which transports git may use, and nothing else may be.
check_url() {
  transport=''
  case $p_url in
    '' | -* | *[[:cntrl:]]*) ;;
    https://[A-Za-z0-9[]* | https://*@[A-Za-z0-9[]*) transport=https ;;
    ssh://[A-Za-z0-9[]* | ssh://*@[A-Za-z0-9[]*) transport=ssh ;;
    file:///* | /*) [ "$p_file" != 1 ] || transport=file ;;
    *::* | *://*) ;;
    [A-Za-z0-9]*@[A-Za-z0-9]*:[!:]*) transport=ssh ;;
  esac
  case $transport.$p_url in
    ssh.*@-* | https.*@-*) transport='' ;;
  esac
  [ -n "$transport" ] || fail request bad_url "this address is not allowed for a repository"
}

give_up() {
  said=$(tail -c 1000 "$job.log")
  case $said in *'No space left on device'*) fail host disk_full "$said" ;; esac
  fail host unproven "the copy could not be proven: $said"
}

# look_at_disk: sets $free and $total, in bytes.
look_at_disk() {
  set -- $(stat -f -c '%a %b %S' "$root")
  free=$(($1 * $3)) total=$(($2 * $3))
}

# materialise: the worker. One retry on an empty copy, because nothing a predecessor left is worth a failure.
materialise() {
  umask 022
  read_level
  read_request
  p_timeout=$limit wanted=$stored
  p_commit=${wanted%% *} wanted=${wanted#* } p_file=${wanted%% *} p_url=${wanted#* }
  fetched=0
  uptime
  started=$uptime
  check_commit
  check_url
  find_commit
  told=''
  [ -z "$merges" ] || merge_refs
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
  uptime
  [ -e "$lease/working-copy" ] || printf '%s\n' "$root_copy" >"$lease/working-copy"
  look_at_disk
  answer done state=done "commit=$commit" "tree=$tree" "path=$copy" "files=$files" "fetched=$fetched" \
    "milliseconds=$(((uptime - started) * 10))" "free=$free" "total=$total" $told
  delete "$slot/trash/"*
}
