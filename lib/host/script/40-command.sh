# --- run -----------------------------------------------------------------------------------------------

# A command is a set of files: N.request, N.out, N.err, N.wake, N.pid (its supervisor), N.session, N.end.
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
  name_slot
  lock
  require_open
  read_level
  name_command
  if [ -e "$command.request" ]; then
    unlock
    command_end
    answer_command
    return
  fi
  find_root
  enter "$p_directory" || fail request bad_directory "no such directory in the working copy"
  cd "$root" || exit 97
  printf '%s' "$p_request" >"$command.request" || { rm -f "$command.request" && fail_write "the command"; }
  : >"$command.out" >"$command.err" >"$command.wake"
  start_detached supervisor supervise "$p_number" </dev/null >/dev/null 2>&1 9>&- &
  note "$command.pid" "$!"
  answer_command
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
          else
            case $decoded in *=*) find_program nice && set -- "$@" "$program" -n 0 -- ;; esac
          fi
        fi
        set -- "$@" "$decoded"
        ;;
    esac
  done <"$command.request"
  enter "$p_directory" || exit 97
  # Whoever started this may have died before it was noted. From here on it is found by its mark; so who closes the
  # slot stores that and then searches, and this one can be found and then looks: one of them sees the other.
  read_state
  [ "$current.$status.$booted" = "$p_epoch.open.$boot_id" ] || exit 97
  uptime
  started=$uptime
  start_job "$@" >"$command.out" 2>"$command.err" </dev/null &
  job=$!
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
  printf '%s %s\n' "$code" "$cause" >"$command.end"
  printf . >"$command.wake"
}

# start_job ASSIGNMENTS PROGRAM...: nothing that a caller gave reaches a program that still has control's rights, so
# the user changes before the environment does.
start_job() {
  umask 022
  [ -n "$uid" ] || exec env -i "$@"
  # Its own streams, so that it can open them again by name, as in `>/dev/stderr`.
  chown "$uid" "$command.out" "$command.err"
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

