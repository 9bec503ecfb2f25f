# --- open, close ---------------------------------------------------------------------------------------

# Nothing is left of an epoch that was closed and seen empty, because a closed epoch starts nothing.
was_emptied() {
  emptied=''
  [ "$status" = closed ] && [ -r "$slot/empty" ] && read -r emptied <"$slot/empty" && [ "$emptied" = "$current" ]
}

verb_open() {
  name_slot
  lock
  while :; do
    require_known
    [ "$p_epoch" -ge "$current" ] || refuse stale
    case $((p_epoch - current)).$status in
      0.open) read_level && answer done "isolation=$level" && return ;;
      0.closed) refuse closed ;;
      0.opening) ;;
      *)
        if was_emptied && level_settled; then
          make_lease
          store_state "$p_epoch" open "$p_nonce"
          answer done "isolation=$level"
          return
        fi
        store_state "$p_epoch" opening "$p_nonce"
        ;;
    esac
    take_kill && break
  done
  unlock
  kill_slot
  level_settled || settle_level
  lock
  require_known
  [ "$p_epoch" -ge "$current" ] || refuse stale
  [ "$current.$status" = "$p_epoch.opening" ] || refuse closed
  delete_leases "$((p_epoch - 1))"
  make_lease
  store_state "$p_epoch" open "$p_nonce"
  answer done "isolation=$level"
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
    case ${old##*/} in
      # A collection is a directory of control's, which lets in while it is leased.
      _*) [ ! -d "$old" ] || set -- "$@" "$old" ;;
      *) [ ! -d "$old" ] || [ -O "$old" ] || set -- "$@" "$old" ;;
    esac
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
  while :; do
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
    take_kill && break
  done
  unlock
  kill_slot
  overwrite "$slot/empty" "$p_epoch"
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
