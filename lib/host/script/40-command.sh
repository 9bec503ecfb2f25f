# --- run -----------------------------------------------------------------------------------------------

# A command is a set of files: N.request, N.out, N.err, N.wake, N.pid (its supervisor), N.session, N.end; until it has
# started N.in and N.secret, and the pipes N.stdout and N.stderr that it writes to.
name_command() {
  need_number "$p_number"
  command=$lease/commands/$p_number
}

end_processes() { kill_processes 200 "$slot#$p_epoch.command.$p_number/" "$command.session"; }

# command_end: sets $code and $cause; fails while the command runs. One write makes N.end, and only a whole line
# counts. A supervisor that died without it leaves `lost`, after what it started was killed.
command_end() {
  code='' cause=''
  read_end && return 0
  alive "$command.pid" && return 1
  read_end && return 0
  end_processes || fail host not_empty "processes survive SIGKILL:$found"
  rm -f "$command.in" "$command.secret" 9>&-
  (set -C && printf -- '- lost\n' >"$command.end") 2>/dev/null
  read_end
}

read_end() {
  [ -s "$command.end" ] && read -r code cause <"$command.end"
}

# look: sets $out and $err, the sizes of the streams, and for an ended command $began and $ended in milliseconds.
# The files' own times are the command's, so that one process tells everything.
look() {
  set -- $(stat -c '%s %.3Y' "$command.out" "$command.err" ${cause:+"$command.request" "$command.end"})
  out=$1 err=$3
  [ -n "$cause" ] || return 0
  began=${6%.*}${6#*.} ended=${8%.*}${8#*.}
}

# find_root: what the command's directory is relative to, in $base.
find_root() {
  base=$lease/scratch
  [ ! -r "$lease/working-copy" ] || read -r base <"$lease/working-copy"
}

# enter DIRECTORY: a link inside the working copy may not lead out of it, so the physical path decides.
enter() {
  case /$1/ in *//?* | */../*) return 1 ;; esac
  cd -P "$base/./$1" 2>/dev/null || return 1
  case $PWD/ in "$base"/*) ;; *) return 1 ;; esac
}

verb_run() {
  start_command
  answer_command
}

# start_command: sets $code and $cause where the command has been started before and has ended.
start_command() {
  name_slot
  name_command
  cause=''
  if [ -n "$p_input" ]; then
    require_open
    [ -e "$command.request" ] || receive_input
  fi
  lock
  require_open
  read_level
  if [ -e "$command.request" ]; then
    unlock
    command_end
    return 0
  fi
  find_root
  enter "$p_directory" || fail request bad_directory "no such directory in the working copy"
  cd "$root" || exit 97
  [ -z "$p_input" ] || mv -f "$command.in.$$" "$command.in" 9>&- || fail_write "the command's input"
  # Who can read this file can read the secrets; it is gone before the command has started.
  [ -z "$p_hidden" ] || printf '%s' "$p_hidden" >"$command.secret" || fail_write "the command's secrets"
  printf '%s' "$p_request" >"$command.request" || { rm -f "$command.request" && fail_write "the command"; }
  : >"$command.out" >"$command.err" >"$command.wake"
  start_detached supervisor supervise "$p_number" </dev/null >/dev/null 2>&1 9>&- &
  note "$command.pid" "$!"
}

# receive_input: what follows the payload, in base64; outside the lock, because it may come slowly.
receive_input() {
  need_number "$p_input"
  base64 -d >"$command.in.$$" 2>/dev/null
  [ "$(stat -c %s "$command.in.$$" 2>/dev/null)" != "$p_input" ] || return 0
  rm -f "$command.in.$$"
  require_open
  [ "$(stat -f -c %a "$root")" -ge 1024 ] || fail_write "the command's input"
  fail request bad_payload "the command's input was cut short"
}

answer_command() {
  if [ -n "${cause:-}" ]; then
    look
    answer done state=ended "code=$code" "cause=$cause" "began=$began" "ended=$ended"
  else
    answer done state=running
  fi
}

# supervise: runs in its own session until the command ends. `timeout` leads the command's session, ends its group
# when time is up, and passes the exit code through; what left the group is found by its mark.
supervise() {
  # Visible from its start on, it looks whether it may still start something: a close that came before did not see it.
  read_state
  [ "$current.$status.$booted" = "$p_epoch.open.$boot_id" ] || exit 97
  mkfifo "$command.stdout" "$command.stderr" || exit 97
  spool "$command.stdout" "$command.out" &
  out_spool=$!
  spool "$command.stderr" "$command.err" &
  err_spool=$!
  find_root
  read_level
  set -- PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME="$lease/home" \
    TMPDIR="$lease/tmp" LANG=C.UTF-8 CI=true
  if [ -r "$root/environment" ]; then
    while IFS= read -r line; do
      case $line in [A-Za-z_]*=*) set -- "$@" "$line" ;; esac
    done <"$root/environment"
  fi
  p_directory='' limit='' middle=''
  while IFS= read -r line; do
    decode "${line#*=}"
    case ${line%%=*} in
      timeout) limit=$decoded ;;
      directory) p_directory=$decoded ;;
      environment) set -- "$@" "$decoded" ;;
      argument)
        if [ -z "$middle" ]; then
          middle=done
          set -- "$@" DRYDOCK_WORKING_COPY="$base" DRYDOCK_PROCESS="$slot#$p_epoch.command.$p_number/"
          # The command's own PATH must not choose our tools. `env` would take `a=b` for one more assignment.
          if [ -z "$uid" ]; then
            find_program setsid && set -- "$@" "$program"
            find_program timeout && set -- "$@" "$program" -k 2 "$limit"
          fi
          if [ -r "$command.secret" ]; then
            find_program sh && set -- "$@" "$program" -c "$reveal" sh
          elif [ -n "$uid" ]; then
            case $decoded in *=*) find_program nice && set -- "$@" "$program" -n 0 -- ;; esac
          fi
        fi
        set -- "$@" "$decoded"
        ;;
    esac
  done <"$command.request"
  enter "$p_directory" || exit 97
  open_input
  uptime
  started=$uptime
  start_job "$@" >"$command.stdout" 2>"$command.stderr" <&6 6<&- &
  job=$!
  exec 6<&- 8<&-
  note "$command.session" "$job"
  # A cancel that came before the session was noted has found nothing to kill.
  [ ! -e "$command.cancelled" ] || end_processes
  wait "$job"
  code=$?
  uptime
  cause=exited
  case $code in
    124 | 137) [ $((uptime - started)) -lt $((limit * 100)) ] || cause=timeout ;;
  esac
  [ ! -e "$command.cancelled" ] || cause=cancelled
  [ "$cause" = exited ] || end_processes
  drain "$out_spool" "$command.stdout"
  drain "$err_spool" "$command.stderr"
  [ ! -e "$command.spoiled" ] || code=- cause=lost
  printf '%s %s\n' "$code" "$cause" >"$command.end"
  printf . >"$command.wake"
}

# open_input: the job's standard input in descriptor 6 and its secrets in 8. Their names go before it starts.
open_input() {
  exec 6</dev/null
  set --
  if [ -e "$command.in" ]; then
    [ -z "$uid" ] || chown "$uid" "$command.in"
    exec 6<"$command.in"
    set -- "$command.in"
  fi
  if [ -e "$command.secret" ]; then
    exec 8<"$command.secret"
    set -- "$@" "$command.secret"
  fi
  [ $# -eq 0 ] || rm -f "$@"
}

# Run as the job itself: takes the secrets from descriptor 8 into its environment. On a command line other users of
# the host could read them.
reveal='while IFS= read -r DRYDOCK_LINE; do
  case $DRYDOCK_LINE in *\\*) DRYDOCK_LINE=$(printf "%b." "$DRYDOCK_LINE") DRYDOCK_LINE=${DRYDOCK_LINE%.} ;; esac
  export "$DRYDOCK_LINE" || exit 126
done <&8
exec 8<&-
unset DRYDOCK_LINE
case $1 in -*) exit 127 ;; esac
exec "$@"'

# start_job ASSIGNMENTS PROGRAM...: nothing that a caller gave reaches a program that still has control's rights, so
# the user changes before the environment does.
start_job() {
  umask 022
  [ -n "$uid" ] || exec env -i "$@"
  # Its own streams, so that it can open them again by name, as in `>/dev/stderr`.
  chown "$uid" "$command.stdout" "$command.stderr"
  { ulimit -p 8192 || ulimit -u 8192; } 2>/dev/null
  list=''
  for file in "$lease"/checkouts/*.group; do
    [ ! -r "$file" ] || { read -r group <"$file" && list="$list,$group"; }
  done
  [ -z "$list" ] || groups=--groups=${list#,}
  DRYDOCK_PROCESS="$slot#$p_epoch.command.$p_number/"
  enter_cgroup || exit 97
  before="setsid timeout -k 2 $limit"
  as_user env -i "$@"
}

# --- output --------------------------------------------------------------------------------------------

# spool PIPE FILE: the job writes to a pipe, because whoever opens a file again by `>/dev/stderr` would empty it. Of what
# is longer than twice $keep the middle is given back to the file system; sizes and offsets stay as they were.
spool() {
  size=0 hole=''
  while :; do
    said=$(dd bs=65536 count=256 2>&1 >>"$2")
    blocks=${said%%" records in"*} blocks=${blocks##*"$LF"}
    bytes=${said##*" records out$LF"} bytes=${bytes%% *}
    case $said in *' error '*) bytes='' ;; esac
    case $blocks.$bytes in .* | *. | *[!0-9+.]*) : >"$command.spoiled" && return ;; esac
    [ $((${blocks%+*} + ${blocks#*+})) -ge 256 ] || return
    size=$((size + bytes))
    [ -n "$hole" ] || read_keep
    [ $((size - keep - hole)) -ge 8388608 ] || continue
    fallocate -p -o "$hole" -l $((size - keep - hole)) "$2" || { : >"$command.spoiled" && return; }
    hole=$((size - keep))
  done <"$1"
}

read_keep() {
  keep=33554432
  while IFS= read -r line; do
    case $line in retain=*) keep=${line#*=} ;; esac
  done <"$command.request"
  hole=$keep
}

# drain SPOOL PIPE: until everything that the job has written is in its file. What it left running may hold the pipe for
# as long as it likes; once its reader sleeps nothing is in the pipe, and what comes later is dropped.
drain() {
  looks=0
  while identify "$1" && [ "$state" != Z ]; do
    looks=$((looks + 1))
    [ "$looks" -gt 20 ] || continue
    reader=''
    read -r reader _ 2>/dev/null <"/proc/$1/task/$1/children"
    if [ "$looks" -gt 300 ] || { [ -n "$reader" ] && identify "$reader" && [ "$state" = S ]; }; then
      exec 5<>"$2"
      kill "$1" $reader 2>/dev/null
      cat <"$2" >/dev/null 2>&1 5>&- &
      exec 5>&-
      return
    fi
    sleep 0.001
  done
}

# find_program NAME: where it is, in $program.
find_program() {
  old_ifs=$IFS
  IFS=:
  for program in $PATH; do
    program=$program/$1
    [ -x "$program" ] && break
  done
  IFS=$old_ifs
}

