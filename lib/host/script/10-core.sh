#!/bin/sh
# Drydock's host script. Called with one verb; the payload comes on stdin as `name=value` lines that end
# with `end`, is never evaluated, and is answered on stdout with lines that end with `end`, too.
# Builtins are preferred to programs throughout: a fork costs as much as the rest of a verb.
set -u
umask 077
LC_ALL=C
export LC_ALL
TAB='	'
LF='
'

# --- answers -------------------------------------------------------------------------------------------

answer() { printf '%s\n' "$@" end; }

# fail FAULT CODE DETAIL: whose fault it was is judged here, where the facts are.
fail() {
  answer "failed $1 $2" "detail64=$(printf '%s' "$3" | head -c 4000 | base64 -w0)"
  exit 0
}

refuse() {
  answer "refused $1" "current=$current" "status=$status" "seen=$seen"
  exit 0
}

# fail_write WHAT: a write that did not succeed, most often because there is no room.
fail_write() {
  [ "$(stat -f -c %a "$root" 2>/dev/null || echo 1)" -lt 64 ] && fail host disk_full "no room left to write $1"
  fail host script_failed "cannot write $1"
}

# --- payload -------------------------------------------------------------------------------------------

# decode VALUE: every byte that is not plain arrives as \0ooo; sets $decoded.
decode() {
  case $1 in
    *\\*) decoded=$(printf '%b.' "$1") decoded=${decoded%.} ;;
    *) decoded=$1 ;;
  esac
}

status=''
p_slot='' p_nonce='' p_epoch='' p_seen='' p_number='' p_timeout='' p_wait=0 p_max=65536
p_stdout=0 p_stderr=0 p_directory='' p_keep='' p_place='' p_beside='' p_merges='' p_repository='' p_url='' p_commit='' p_file=0 p_request='' p_secret=''
p_hidden='' p_input=''

read_payload() {
  while IFS= read -r line; do
    value=${line#*=}
    case ${line%%=*} in
      end) return 0 ;;
      slot) p_slot=$value ;;
      nonce) p_nonce=$value ;;
      epoch) p_epoch=$value ;;
      seen) p_seen=$value ;;
      number) p_number=$value ;;
      timeout) p_timeout=$value p_request="$p_request$line$LF" ;;
      wait) p_wait=$value ;;
      max) p_max=$value ;;
      stdout) p_stdout=$value ;;
      stderr) p_stderr=$value ;;
      repository) p_repository=$value ;;
      place) p_place=$value ;;
      beside) p_beside="$p_beside $value" ;;
      merge)
        decode "$value"
        case $decoded in *[[:cntrl:]]*) fail request bad_ref "not a commit id, branch, tag or ref" ;; esac
        p_merges=$p_merges$decoded$LF
        ;;
      keep) p_keep="$p_keep $value" ;;
      file) p_file=$value ;;
      url) decode "$value" && p_url=$decoded ;;
      commit) decode "$value" && p_commit=$decoded ;;
      directory) decode "$value" && p_directory=$decoded p_request="$p_request$line$LF" ;;
      environment | argument | retain | land-*) p_request="$p_request$line$LF" ;;
      secret) decode "$value" && p_secret=$decoded ;;
      hidden) p_hidden="$p_hidden$value$LF" ;;
      input) p_input=$value ;;
      *) fail request bad_payload "unknown field in the payload" ;;
    esac
  done
  fail request bad_payload "the payload was cut short"
}

need_number() {
  case $1 in
    '' | *[!0-9]* | ????????????????*) fail request bad_payload "a number was expected" ;;
  esac
}

# --- time ----------------------------------------------------------------------------------------------

# uptime: hundredths of a second since boot, in $uptime. Monotonic, and costs no process.
uptime() {
  read -r uptime _ </proc/uptime
  uptime=${uptime%.*}${uptime#*.}
}

# --- the slot's state ----------------------------------------------------------------------------------

# The script lies in <root>/bin, so that root needs no argument.
case $0 in */bin/*) cd -P "${0%/bin/*}" || exit 97 ;; *) exit 97 ;; esac
root=$PWD self=$PWD/bin/${0##*/}
case $root in
  *[!A-Za-z0-9_./+@:,=%-]*) fail host script_failed "the host's directory has characters that are not supported" ;;
esac
read -r boot_id </proc/sys/kernel/random/boot_id

# The host's operator may demand a level in <root>/isolation. Levels above `process` need root: a login user who is
# not root goes on as root by a rule of sudo.
demand=''
[ ! -r "$root/isolation" ] || IFS= read -r demand <"$root/isolation"
case $#.$demand in
  1.user* | 1.cgroup*) [ -O / ] || [ -n "${SUDO_UID:-}" ] || exec sudo -n sh "$self" "$@" ;;
esac

name_slot() {
  need_number "$p_slot"
  need_number "$p_epoch"
  case $p_nonce in '' | *[!A-Za-z0-9-]*) fail request bad_payload "bad nonce" ;; esac
  slot=$root/slots/$p_slot
  lease=$slot/lease/$p_epoch
}

read_state() {
  current=0 status=none seen='' booted=''
  [ -r "$slot/state" ] && read -r current status seen booted <"$slot/state"
  case $current in '' | *[!0-9]*) current=0 status=none seen='' booted='' ;; esac
}

# The lock covers changes of state only, and every child that may outlive them closes its descriptor (9>&-).
lock() {
  [ -d "$slot" ] || { read_state && refuse unknown; }
  exec 9>>"$slot/lock"
  flock -w 10 9 || fail host script_failed "the slot's lock stayed taken"
}

unlock() { exec 9>&-; }

# store_state EPOCH STATUS NONCE: what it runs keeps the lock, so that a rename is never late even if this one dies.
store_state() {
  printf '%s %s %s %s\n' "$1" "$2" "$3" "$boot_id" >"$slot/state.new" &&
    sync "$slot/state.new" && mv -f "$slot/state.new" "$slot/state" || fail_write "the slot's state"
}

# Another nonce, no state, or another boot: this is not the slot that the caller knows.
require_known() {
  read_state
  [ "$seen" = "$p_nonce" ] && [ "$booted" = "$boot_id" ] || refuse unknown
  [ "$status" != starting ] || refuse opening
}

require_open() {
  require_known
  [ "$p_epoch" -ge "$current" ] || refuse stale
  [ "$p_epoch" -eq "$current" ] || refuse opening
  case $status in open) ;; opening) refuse opening ;; *) refuse closed ;; esac
}
