# --- probe, init, open, close --------------------------------------------------------------------------

verb_probe() {
  for program in git flock setsid grep find timeout sync stat base64 tail head join comm paste env xargs; do
    command -v "$program" >/dev/null || fail host script_failed "the host lacks $program"
  done
  # Jobs run as the login user whatever else the host could do: other levels are not built yet, so not claimed.
  answer done "git=$(git --version)" "boot=$boot_id" isolation=process \
    "free=$(($(stat -f -c '%a * %S' "$root")))"
}

# init: kills, wipes and starts a slot anew. `starting` makes a repeated init resume instead of trusting half a wipe.
verb_init() {
  name_slot
  case $p_seen in *[!A-Za-z0-9-]*) fail request bad_payload "bad nonce" ;; esac
  mkdir -p "$slot/lease" "$slot/copies" || fail_write "the slot's directory"
  lock
  read_state
  if [ "$seen" = "$p_nonce" ] && [ "$current" -eq "$p_epoch" ] && [ "$booted" = "$boot_id" ]; then
    if [ "$status" != starting ]; then
      answer done
      return
    fi
  elif [ "$seen" != "$p_seen" ]; then
    refuse unknown
  else
    store_state "$p_epoch" starting "$p_nonce"
  fi
  unlock
  kill_slot
  discard "$slot/copies" "$slot/lease" "$slot/build" || fail host script_failed "cannot put the old slot aside"
  mkdir -p "$slot/lease" "$slot/copies" || fail_write "the slot's directory"
  lock
  read_state
  [ "$seen $current $status" = "$p_nonce $p_epoch starting" ] || refuse unknown
  printf '%s\n' "$p_epoch" >"$slot/empty"
  store_state "$p_epoch" closed "$p_nonce"
  answer done
  delete "$slot/trash/"*
}

# Nothing is left of an epoch that was closed and seen empty, because a closed epoch starts nothing.
was_emptied() {
  emptied=''
  [ "$status" = closed ] && [ -r "$slot/empty" ] && read -r emptied <"$slot/empty" && [ "$emptied" = "$current" ]
}

verb_open() {
  name_slot
  lock
  require_known
  [ "$p_epoch" -ge "$current" ] || refuse stale
  if [ "$p_epoch" -eq "$current" ]; then
    case $status in
      open) answer done && return ;;
      closed) refuse closed ;;
    esac
  elif was_emptied; then
    make_lease
    store_state "$p_epoch" open "$p_nonce"
    answer done
    return
  else
    store_state "$p_epoch" opening "$p_nonce"
  fi
  unlock
  kill_slot
  lock
  require_known
  [ "$p_epoch" -ge "$current" ] || refuse stale
  case $current.$status in
    "$p_epoch.opening")
      delete_leases "$((p_epoch - 1))"
      make_lease
      store_state "$p_epoch" open "$p_nonce"
      ;;
    "$p_epoch.open") ;;
    *) refuse closed ;;
  esac
  answer done
}

make_lease() {
  mkdir -p "$lease/commands" "$lease/checkouts" "$lease/home" "$lease/tmp" "$lease/scratch" 9>&- ||
    fail_write "the lease's directory"
}

# delete_leases UPTO: never more, because the next lease may already have begun.
delete_leases() {
  for old in "$slot"/lease/*; do
    case ${old##*/} in *[!0-9]*) ;; *) [ "${old##*/}" -gt "$1" ] || delete "$old" ;; esac
  done
}

# close: `closed` is stored before anything is killed, also for an epoch the host has not seen, so that neither
# a command that is just starting nor a late open can bring the lease back to life.
verb_close() {
  name_slot
  lock
  require_known
  if [ "$p_epoch" -lt "$current" ]; then
    answer done
    return
  fi
  if [ "$p_epoch" -gt "$current" ] || [ "$status" != closed ]; then
    store_state "$p_epoch" closed "$p_nonce"
    status=closed current=$p_epoch
  elif was_emptied; then
    answer done
    return
  fi
  unlock
  kill_slot
  printf '%s\n' "$p_epoch" >"$slot/empty"
  answer done
  delete_leases "$p_epoch"
}

case $#.${1:-} in
  1.probe | 1.init | 1.open | 1.close)
    read_payload
    "verb_$1"
    exit 0
    ;;
esac
