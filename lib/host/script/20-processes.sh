# --- processes -----------------------------------------------------------------------------------------
# Everything that a slot starts carries DRYDOCK_PROCESS=<slot>#<epoch>.<kind>.<number>/ in its environment and
# runs in a session that is noted in a file. A kill looks for both, and looks again until nothing is found; who lives
# too short to be found is reached by the group that its session began with.

# identify PID: sets $start (in ticks; pid and start name a process for good), $state and $session.
identify() {
  start='' state='' session=''
  read -r _stat 2>/dev/null <"/proc/$1/stat" || return 1
  set -- 1 2 ${_stat##*) }
  state=$3 session=$6 start=${22}
  # A process whose first thread ended looks like a zombie and goes on.
  case $state in Z) [ "${20}" -lt 2 ] || state=S ;; esac
}

# note FILE PID: written inside the lock, so that a kill finds the process even before its exec.
note() {
  identify "$2"
  printf '%s %s\n' "$2" "$start" >"$1"
}

# alive FILE: whether the process noted there still exists; its pid is in $noted.
alive() {
  noted='' noted_start=''
  read -r noted noted_start 2>/dev/null <"$1" || return 1
  identify "$noted" && [ "$start" = "$noted_start" ] && [ "$state" != Z ]
}

# find_processes MARK FILES...: sets $found to the pids with that mark, noted in one of the files *.pid, or
# members of a session noted in one of the files *.session; and $groups_noted to the numbers of their groups.
find_processes() {
  found='' sessions='' groups_noted=''
  mark=$1
  shift
  for file in "$@"; do
    case $file in
      *\**) ;;
      *)
        alive "$file" && case $file in *.pid) found="$found $noted" ;; esac
        # A leader that is gone leaves its number to its session; a stranger who got that number is not ours.
        [ -n "$noted" ] && { [ -z "$start" ] || [ "$start" = "$noted_start" ]; } || continue
        groups_noted="$groups_noted $noted"
        case $file in *.session) sessions="$sessions -e $noted" ;; esac
        ;;
    esac
  done
  for file in $(
    grep -lsaF -e "DRYDOCK_PROCESS=$mark" /proc/[0-9]*/environ
    # A plain search for the number is twice as fast as one for the field; the few found are looked at closely.
    [ -z "$sessions" ] || grep -lswF $sessions /proc/[0-9]*/stat
  ); do
    found_pid=${file#/proc/} found_pid=${found_pid%/*}
    [ "$found_pid" != "$$" ] || continue
    case $file in
      */stat)
        identify "$found_pid" || continue
        case "$sessions $state" in *[ZX]) continue ;; *" -e $session "*) ;; *) continue ;; esac
        ;;
    esac
    found="$found $found_pid"
  done
}

# kill_groups: one signal to a group reaches also who forks at that moment, so no chain of processes outruns it as it
# outruns a search. Fails where no group has anybody in it; its dead ones count until their parents have looked.
kill_groups() {
  reached_group=1
  for group in $groups_noted; do kill -s KILL -- "-$group" 2>/dev/null && reached_group=0; done
  return "$reached_group"
}

# kill_processes GRACE MARK FILES...: TERM, then KILL after GRACE hundredths of a second. One pass over /proc is
# not a snapshot, so after a kill, or where a group had somebody, only two empty ones count. Fails when something survives ten seconds; or GRACE, where $polite is set.
polite=''
kill_processes() {
  grace=$1 signal=TERM passes=0 empty=0 nap=0.005
  shift
  uptime
  kill_began=$uptime
  while :; do
    find_processes "$@"
    if [ -z "$found" ]; then
      kill_groups || [ "$passes" -gt 0 ] || return 0
      passes=$((passes + 1)) empty=$((empty + 1))
      [ "$empty" -lt 2 ] || return 0
      continue
    fi
    empty=0
    [ "$signal" = TERM ] || kill_groups
    if [ "$passes" -eq 0 ] || [ "$signal" = KILL ]; then kill -s "$signal" $found 2>/dev/null; fi
    passes=$((passes + 1))
    uptime
    if [ $((uptime - kill_began)) -ge "$grace" ]; then
      [ -z "$polite" ] || return 1
      signal=KILL
    fi
    [ $((uptime - kill_began)) -lt $((grace + 1000)) ] || return 1
    sleep "$nap" 9>&-
    nap=0.02
  done
}

# overwrite FILE LINE: in place, because a file that is cut and written anew is flushed to the disk at once by ext4.
overwrite() { printf '%-40s\n' "$2" 1<>"$1"; }

# take_kill: one kill of a slot at a time, or a late one would kill what the next lease has started. Called in the
# lock; where another is at it, waits without the lock and fails, so that the state is looked at again.
take_kill() {
  if ! alive "$slot/killer" || [ "$noted" = "$$" ]; then
    identify "$$"
    overwrite "$slot/killer" "$$ $start"
    return
  fi
  unlock
  waits=$((${waits:-0} + 1))
  [ "$waits" -lt 300 ] || fail host not_empty "another kill of this slot takes too long"
  sleep 0.05
  lock
  return 1
}

# kill_slot: everything that the slot ever started, whatever its epoch; at the levels above `process` also
# everything of its user.
kill_slot() {
  read_level
  set -- "$slot#" "$slot"/lease/*/commands/*.pid "$slot"/lease/*/commands/*.session "$slot"/lease/*/checkouts/*.pid
  if [ -z "$uid" ]; then
    kill_processes 100 "$@" || fail host not_empty "processes survive SIGKILL:$found"
    return
  fi
  polite=yes
  kill_processes 100 "$@"
  polite=''
  # What is left after that may multiply faster than it can be counted.
  if [ "$passes" -gt 0 ]; then
    kill_user
    kill_processes 0 "$@" || fail host not_empty "processes survive SIGKILL:$found"
  fi
  empty_user || fail host not_empty "processes of user $uid survive SIGKILL:$found"
}

# start_detached KIND VERB NUMBER: starts this script again, in a session and with an environment of its own.
# The caller redirects, sends it to the background and notes $!.
start_detached() {
  detached="setsid sh $self $2 $p_slot $p_epoch $3"
  DRYDOCK_PROCESS="$slot#$p_epoch.$1.$3/"
  export DRYDOCK_PROCESS
  # A supervisor gives nothing of its own environment on, so only others pay for an emptied one. Those of users of
  # their own do: a job can read the environment of what becomes itself.
  [ "$1$uid" != supervisor ] || exec $detached
  set -- PATH="$PATH" HOME="${HOME:-/}" LC_ALL=C DRYDOCK_PROCESS="$DRYDOCK_PROCESS"
  # The host's operator may give every process NAME=value lines in <root>/environment: proxies, tool chains.
  if [ -r "$root/environment" ]; then
    while IFS= read -r line; do
      case $line in [A-Za-z_]*=*) set -- "$@" "$line" ;; esac
    done <"$root/environment"
  fi
  exec env -i "$@" $detached
}

# --- things to delete ----------------------------------------------------------------------------------

# Renaming is at once and deleting is not, so what must go is put aside and deleted behind the answer.
discarded=0
discard() {
  for thing in "$@"; do
    { [ -e "$thing" ] || [ -L "$thing" ]; } || continue
    [ -d "$slot/trash" ] || mkdir -p -m 700 "$slot/trash" 9>&-
    [ -L "$thing" ] || [ -w "$thing" ] || chmod u+rwx "$thing" 9>&-
    uptime
    discarded=$((discarded + 1))
    mv -f "$thing" "$slot/trash/$$.$uptime.$discarded" 9>&- || return 1
  done
}

# delete THINGS: behind the answer; a directory that its owner made read-only is opened first.
delete() {
  { rm -rf -- "$@" || { chmod -R u+rwX -- "$@"; rm -rf -- "$@"; }; } </dev/null >/dev/null 2>&1 7>&- 9>&- &
}
