# --- probe, init ---------------------------------------------------------------------------------------

verb_probe() {
  for program in git flock setsid grep find timeout sync stat base64 tail head join comm paste env xargs install date sha256sum; do
    command -v "$program" >/dev/null || fail host script_failed "the host lacks $program"
  done
  try_levels
  answer done "git=$(git --version)" "boot=$boot_id" "isolation=$reached" \
    "free=$(($(stat -f -c '%a * %S' "$root")))" "total=$(($(stat -f -c '%b * %S' "$root")))" \
    "clock=$(date +%s%3N)"
}

# init: kills, wipes and starts a slot anew. `starting` makes a repeated init resume instead of trusting half a wipe.
verb_init() {
  name_slot
  case $p_seen in *[!A-Za-z0-9-]*) fail request bad_payload "bad nonce" ;; esac
  levels_tried || try_levels
  mkdir -p "$slot" || fail_write "the slot's directory"
  lock
  while :; do
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
      status=starting
    fi
    take_kill && break
  done
  unlock
  kill_slot
  settle_level
  lock
  read_state
  [ "$seen $current $status" = "$p_nonce $p_epoch starting" ] || refuse unknown
  overwrite "$slot/empty" "$p_epoch"
  store_state "$p_epoch" closed "$p_nonce"
  answer done
  delete "$slot/trash/"*
}

# --- levels of isolation -------------------------------------------------------------------------------
# A level is tried, never assumed: a process is started as jobs would be, has to find its directory, and has to be
# gone after a kill. <root>/level keeps what was reached.

# levels_tried: whether that was in this boot, and with what the operator demands now.
levels_tried() {
  tried_boot='' tried_demand=''
  [ -r "$root/level" ] && read -r reached tried_boot _ tried_demand <"$root/level" &&
    [ "$tried_boot $tried_demand" = "$boot_id ${demand:-none}" ]
}

# try_levels: sets $reached. Whatever was reached once is not given up without the operator's word: a job can make a
# trial fail, for example by using up all processes, and the next one would then run with control's rights.
try_levels() {
  tried_slot=${slot:-} tried_place=-
  [ -d "$root/trial" ] || mkdir -p "$root/trial" || fail_write "the trial's directory"
  exec 5>>"$root/trial.lock"
  flock -w 15 5 || fail host script_failed "another trial of the levels takes too long"
  read -r wanted range under _ <<END
$demand
END
  before_level=process
  [ -n "$wanted" ] || [ ! -r "$root/level" ] || read -r before_level _ <"$root/level"
  case $wanted in
    process | user | cgroup) least=$wanted ;;
    '') wanted='cgroup user process' least=$before_level
      [ -O / ] || wanted=process ;;
    *) fail host script_failed "the file isolation begins with no level" ;;
  esac
  name_range "${range:-60800-61183}"
  why=''
  for reached in $wanted; do try_level && break; done
  case $least.$reached in
    process.* | *.cgroup | user.user) ;;
    *) fail host script_failed "level $least is not reached any more, or not with what was demanded: $why" ;;
  esac
  [ "$level" = "$reached" ] || fail host script_failed "level $reached is not reached: $why"
  [ "$reached" = process ] || open_ways
  { printf '%s %s %s %s\n' "$reached" "$boot_id" "$tried_place" "${demand:-none}" >"$root/level.new" &&
    mv -f "$root/level.new" "$root/level"; } || fail_write "the level"
  exec 5>&-
  slot=$tried_slot uid='' killer='' cgroup=''
}

# open_ways: users pass through these directories, and can neither list nor change them.
open_ways() {
  mkdir -p "$root/slots" "$root/mirrors" && chmod 711 "$root" "$root/slots" "$root/mirrors" && chmod 700 "$root/bin"
}

# try_level: sets $level to $reached if a process of a user is started, confined, and killed at it.
try_level() {
  level=process uid='' killer='' cgroup=''
  [ "$reached" != process ] || return 0
  slot=$root/trial
  claim_id "$slot" || { why="no user number is free"; return 1; }
  uid=$claimed killer=$killer_id
  chmod 711 "$root" && install -d -o "$uid" -g "$uid" -m 700 "$slot" || { why="no directory for a user"; return 1; }
  if [ "$reached" = user ]; then
    try_user && level=user
    return
  fi
  why="no place for cgroups"
  for place in ${under:-$(list_cgroups)}; do
    cgroup=$place/$uid
    mkdir -p "$cgroup" 2>/dev/null && [ -e "$cgroup/cgroup.procs" ] && try_user && level=cgroup tried_place=$place && return
  done
  return 1
}

# list_cgroups: where they could be made: v2 before the freezer of v1.
list_cgroups() {
  v1='' v2=''
  while read -r _ mounted type options _; do
    case $type.$mounted.,$options, in
      *\\*) ;;
      cgroup2.*) v2=$mounted/drydock ;;
      cgroup.*,freezer,*) v1=$mounted/drydock ;;
    esac
  done </proc/mounts
  printf '%s\n' $v2 $v1
}

try_user() {
  said=$( (enter_cgroup && as_user sh -c '
    cd -P "$1" && [ "$PWD" = "$1" ] && : >file || exit 1
    while read -r name values; do
      case $name in Uid: | Gid: | Groups: | NoNewPrivs: | CapEff:) echo "$name" $values ;; esac
    done </proc/self/status' sh "$slot") 2>&1)
  expected="Uid: $uid $uid $uid $uid${LF}Gid: $uid $uid $uid $uid${LF}Groups:${LF}CapEff: 0000000000000000${LF}NoNewPrivs: 1"
  [ "$said" = "$expected" ] || { why=$said; return 1; }
  (enter_cgroup && as_user sh -c 'trap "" TERM HUP INT; : >"$1/started"; while :; do sleep 600; done' sh "$slot") \
    </dev/null >/dev/null 2>&1 5>&- &
  victim=$!
  tries=0
  until [ -e "$slot/started" ] || [ "$tries" -ge 500 ]; do
    tries=$((tries + 1))
    sleep 0.01
  done
  find_user
  case " $found " in *" $victim "*) ;; *) why="a process was not found by its user"; return 1 ;; esac
  if [ -n "$cgroup" ]; then
    ! cgroup_empty || { why="a process did not enter its cgroup"; return 1; }
    kill_cgroup
    wait "$victim" 2>/dev/null
    cgroup_empty || { why="a process stayed in its cgroup"; return 1; }
  fi
  rm -f "$slot/started" "$slot/file"
  empty_user || { why="a process was not killed"; return 1; }
}

case $#.${1:-} in
  1.probe | 1.init)
    read_payload
    "verb_$1"
    exit 0
    ;;
esac
