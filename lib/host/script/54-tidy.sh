# --- tidy ----------------------------------------------------------------------------------------------
# Of a slot's working copies only those that are named stay. Allowed while the slot is open or closed in the caller's
# own epoch: nobody else can then be at work in a copy that goes.

verb_tidy() {
  name_slot
  lock
  require_known
  [ "$p_epoch" -ge "$current" ] || refuse stale
  [ "$p_epoch" -eq "$current" ] || refuse opening
  case $status in open | closed) ;; *) refuse opening ;; esac
  if [ -L "$slot/copies" ] || [ ! -d "$slot/copies" ]; then
    discard "$slot/copies" && mkdir "$slot/copies" || fail_write "the directory of copies"
  fi
  for old in "$slot"/copies/* "$slot"/copies/.[!.]*; do
    { [ -e "$old" ] || [ -L "$old" ]; } || continue
    name=${old##*/}
    is_kept || discard "$old" "$slot/build/$name" "$slot/kept/$name" "$slot/build/$name"+* "$slot/kept/$name"+* || fail host script_failed "cannot put a copy aside"
  done
  unlock
  look_at_disk
  answer done "copies=$(measure_copies)" "free=$free" "total=$total"
  delete "$slot/trash/"*
}

# is_kept: also what a checkout of this very lease has filled or fills, whatever a caller who is late says.
is_kept() {
  case $name in *[!A-Za-z0-9._%-]*) return 1 ;; esac
  case " $p_keep " in *" $name "*) return 0 ;; esac
  [ "$status" = open ] || return 1
  for request in "$lease/checkouts/$name.request" "$lease/checkouts/$name"+*.request; do
    [ ! -e "$request" ] || return 0
  done
  return 1
}

# measure_copies: each with its size, which is left out where it takes too long to find.
measure_copies() {
  cd -P "$slot/copies" || return 0
  set -- *
  [ -e "$1" ] || return 0
  sizes=$(timeout 20 du -s -x -B1 -- "$@" 2>/dev/null)
  for name in "$@"; do
    size=''
    case "$LF$sizes$LF" in
      *"${TAB}$name$LF"*) size=${sizes%"${TAB}$name"*} size=${size##*"$LF"} ;;
    esac
    printf '%s:%s ' "$name" "$size"
  done
}

case $#.${1:-} in
  1.tidy)
    read_payload
    verb_tidy
    exit 0
    ;;
esac
