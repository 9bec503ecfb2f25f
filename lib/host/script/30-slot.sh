# --- open, close ---------------------------------------------------------------------------------------

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
  elif was_emptied && level_settled; then
    make_lease
    store_state "$p_epoch" open "$p_nonce"
    answer done
    return
  else
    store_state "$p_epoch" opening "$p_nonce"
  fi
  unlock
  hold_kill
  require_known
  if [ "$current.$status" = "$p_epoch.opening" ]; then
    kill_slot
    level_settled || settle_level
  fi
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

# make_lease: at the levels above `process` the slot's directory keeps all other users out, and the slot's own passes
# through directories that it can neither list nor write. Copies that the lease does not ask for stay shut.
make_lease() {
  set -- "$lease/home" "$lease/tmp" "$lease/scratch"
  if [ -z "$uid" ]; then
    mkdir -p "$lease/commands" "$lease/checkouts" "$@" 9>&-
  else
    umask 066
    mkdir -p "$lease/commands" "$lease/checkouts" 9>&- && install -d -o "$uid" -g "$uid" -m 700 "$@" 9>&- &&
      shut_copies
  fi || fail_write "the lease's directory"
  umask 077
}

shut_copies() {
  set --
  for old in "$slot"/copies/*; do
    [ ! -d "$old" ] || [ -O "$old" ] || set -- "$@" "$old"
  done
  [ $# -eq 0 ] || install -d -o 0 -g 0 -m 700 "$@" 9>&-
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
  hold_kill
  require_known
  if [ "$current" -gt "$p_epoch" ] || was_emptied; then
    answer done
    return
  fi
  kill_slot
  printf '%s\n' "$p_epoch" >"$slot/empty"
  answer done
  delete_leases "$p_epoch"
}

case $#.${1:-} in
  1.open | 1.close)
    read_payload
    "verb_$1"
    exit 0
    ;;
esac
