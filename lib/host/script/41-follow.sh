# --- follow and cancel ---------------------------------------------------------------------------------

verb_follow() {
  name_slot
  name_command
  answer_follow
}

# perform: run and follow in one call.
verb_perform() {
  start_command
  unlock
  answer_follow
}

# answer_follow: with nothing to be returned ($p_max is 0) it is the command's end that is waited for.
answer_follow() {
  need_number "$p_wait"
  need_number "$p_max"
  need_number "$p_stdout"
  need_number "$p_stderr"
  uptime
  deadline=$((uptime + p_wait * 100))
  naps=0
  while :; do
    require_open
    [ -e "$command.request" ] || fail request unknown_command "no such command"
    command_end
    look
    out_size=$out err_size=$err
    out=$((out - p_stdout)) err=$((err - p_stderr))
    [ -z "$cause" ] || break
    [ "$p_max" -eq 0 ] || { [ "$out" -le 0 ] && [ "$err" -le 0 ]; } || break
    uptime
    [ "$uptime" -lt "$deadline" ] || break
    wait_for_news
  done
  max=$p_max
  printf '%s\n' 'done' "outsize=$out_size" "errsize=$err_size"
  answer_bytes stdout "$command.out" "$p_stdout" "$out"
  answer_bytes stderr "$command.err" "$p_stderr" "$err"
  if [ -n "$cause" ] && { [ "$p_max" -eq 0 ] || { [ "$out" -le 0 ] && [ "$err" -le 0 ]; }; }; then
    printf '%s\n' "code=$code" "cause=$cause" "began=$began" "ended=$ended"
  fi
  printf 'end\n'
}

# answer_bytes NAME FILE OFFSET COUNT: at most $max bytes; takes them from $max, and COUNT from $out or $err.
answer_bytes() {
  count=$4
  [ "$count" -gt 0 ] || return 0
  [ "$count" -le "$max" ] || count=$max
  max=$((max - count))
  case $1 in stdout) out=$((out - count)) ;; stderr) err=$((err - count)) ;; esac
  [ "$count" -gt 0 ] || return 0
  printf '%s=' "$1"
  tail -c "+$(($3 + 1))" "$2" | head -c "$count" | base64 -w0
  printf '\n'
}

# wait_for_news: short naps serve the command that ends at once; then three processes sleep until the kernel tells
# them of a change. Slices of two seconds bound how late a dead supervisor or a closed slot is noticed.
wait_for_news() {
  naps=$((naps + 1))
  case $naps in
    [1-4]) sleep 0.003 && return ;;
    [5-7]) sleep 0.006 && return ;;
  esac
  slice=$((deadline - uptime))
  [ "$slice" -le 200 ] || slice=200
  {
    if [ "$p_max" -gt 0 ]; then
      tail -f -s 0.05 -c "+$((p_stdout + 1))" "$command.out" &
      tail -f -s 0.05 -c "+$((p_stderr + 1))" "$command.err" &
    fi
    tail -f -s 0.05 -c +1 "$command.wake" &
  } 2>/dev/null | timeout "$((slice / 100)).$((slice % 100 / 10))$((slice % 10))" head -c 1 >/dev/null
}

# cancel_unknown: a cancel that overtook its run leaves a command that has ended, so that a late run starts nothing.
cancel_unknown() {
  lock
  require_open
  if [ ! -e "$command.request" ]; then
    : >"$command.request" >"$command.out" >"$command.err" >"$command.wake"
    printf -- '- cancelled\n' >"$command.end" || fail_write "the command"
  fi
  unlock
}

verb_cancel() {
  name_slot
  name_command
  if [ -e "$command.request" ]; then require_open; else cancel_unknown; fi
  if ! command_end; then
    : >"$command.cancelled"
    end_processes || fail host not_empty "processes survive SIGKILL:$found"
  elif [ "$code.$cause" = -.cancelled ]; then
    fail request unknown_command "no such command, and none of that number will start"
  fi
  answer done
}

case $#.${1:-} in
  1.run | 1.perform | 1.follow | 1.cancel)
    read_payload
    "verb_$1"
    exit 0
    ;;
  4.supervise)
    p_slot=$2 p_epoch=$3 p_number=$4 p_nonce=supervisor
    name_slot
    name_command
    supervise
    exit 0
    ;;
esac
