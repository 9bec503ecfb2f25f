# --- users of slots ------------------------------------------------------------------------------------
# At the levels `user` and `cgroup` jobs run as a uid that only their slot has. Control is root there and never works
# on a job's files itself: it becomes that uid for it, so that a link or a race leads nowhere else.

level=process uid='' killer='' cgroup='' groups='' before=''

# read_level: how this slot runs its jobs. Its user is its own in this boot, and while the slot has the claim on it;
# only an init goes on without, because it gives the slot another one.
read_level() {
  level=process uid='' killer='' cgroup='' owner=''
  [ -r "$slot/level" ] || return 0
  read -r level level_boot uid killer cgroup <"$slot/level"
  [ ! -r "/run/drydock/$uid" ] || read -r owner <"/run/drydock/$uid"
  [ "$level_boot $owner" != "$boot_id $slot" ] || return 0
  [ "$status" = starting ] || fail host script_failed "the slot's user is not its own any more"
  level=process uid='' killer='' cgroup=''
}

# level_settled: whether the slot has the level that the host was last seen to reach.
level_settled() {
  read_level
  [ ! -r "$root/level" ] || { read -r reached _ <"$root/level" && [ "$level" = "$reached" ]; }
}

# enter_cgroup: for jobs. It takes the kernel 10 ms and more, so what we do as the user ourselves goes without.
enter_cgroup() {
  [ -z "$cgroup" ] || { [ -w "$cgroup/cgroup.procs" ] && echo 0 >"$cgroup/cgroup.procs"; }
}

# as_user PROGRAM...: becomes PROGRAM, as the slot's user. For subshells. The programs $before stay control's, so that
# the user cannot harm them.
as_user() {
  exec $before setpriv --reuid="$uid" --regid="$uid" "${groups:---clear-groups}" --no-new-privs -- "$@"
}

# list_user: a file in /proc for each process of the slot's user; dead ones are among them.
list_user() { grep -lsE -e "^Uid:$TAB$uid$TAB" /proc/[0-9]*/status; }

# find_user: sets $found to those that are not dead.
find_user() {
  found=''
  for file in $(list_user 9>&-); do
    found_pid=${file#/proc/} found_pid=${found_pid%/*}
    identify "$found_pid" || continue
    case $state in [ZX]) ;; *) found="$found $found_pid" ;; esac
  done
}

# kill_user: SIGKILL to everything of the slot's user in one system call, which no fork escapes. Who only became that
# user could be killed first by what it is to kill; with a real uid of nobody's it cannot. Without any rights left,
# or not at all: with them the same call would kill the whole host.
kill_user() {
  [ -z "$cgroup" ] || kill_cgroup
  perl -e '
    ($user, $self) = @ARGV;
    $< = $self;
    $> = $user;
    exit 1 unless $user > 0 && $self > 0 && $< == $self && $> == $user;
    open STATUS, "<", "/proc/self/status" or exit 1;
    exit 1 unless grep { /^CapEff:\s*0+$/ } <STATUS>;
    kill "KILL", -1;
  ' "$uid" "$killer" 2>/dev/null 9>&- && return
  # Not as it should be, but the better of two when there is no perl.
  (as_user sh -c '
    while read -r name value; do case $name in CapEff:) break ;; esac; done </proc/self/status
    case $name$value in '"''"' | CapEff: | CapEff:*[!0]* | [!C]*) exit 1 ;; esac
    kill -KILL -1') 2>/dev/null 9>&-
}

# kill_cgroup: by the kernel where it can; else nothing in it moves while it is killed.
kill_cgroup() {
  if [ -e "$cgroup/cgroup.kill" ]; then
    echo 1 >"$cgroup/cgroup.kill"
    return
  fi
  freezer=$cgroup/cgroup.freeze cold=1 warm=0
  [ -e "$freezer" ] || freezer=$cgroup/freezer.state cold=FROZEN warm=THAWED
  echo "$cold" >"$freezer"
  # 0 stands for a process that is not visible here, and would be our own group.
  while read -r member; do [ "$member" -eq 0 ] || kill -s KILL "$member" 2>/dev/null; done <"$cgroup/cgroup.procs"
  echo "$warm" >"$freezer"
}

cgroup_empty() { [ -z "$cgroup" ] || ! read -r _ 2>/dev/null <"$cgroup/cgroup.procs"; }

# empty_user: kills until the user has no process, and then removes what it left outside of its slot.
empty_user() {
  nap=0.005
  uptime
  kill_began=$uptime
  while :; do
    kill_user
    find_user
    if [ -z "$found" ] && cgroup_empty; then break; fi
    uptime
    [ $((uptime - kill_began)) -lt 1000 ] || return 1
    sleep "$nap" 9>&-
    nap=0.02
  done
  remove_leftovers
}

# remove_leftovers: files in directories that everybody may write in, and memory that outlives its process. The user
# itself removes its files: others may swap directories meanwhile, and must gain nothing by it.
remove_leftovers() {
  set --
  for shared in /tmp /var/tmp /dev/shm /dev/mqueue /run/lock; do
    [ ! -d "$shared" ] || set -- "$@" "$shared"
  done
  (
    cd /
    as_user find "$@" -xdev -mindepth 1 \( -user "$uid" -prune \
      \( ! -type d -o -exec chmod -R u+rwX -- {} \; -o -true \) -exec rm -rf -- {} + \) \
      -o \( -type d ! -writable -prune \)
  ) </dev/null >/dev/null 2>&1 9>&-
  remove_ipc
}

# remove_ipc: System V memory, queues and semaphores that the user owns or made.
remove_ipc() {
  [ -r /proc/sysvipc/shm ] || return 0
  ids=''
  while read -r _ id _ _ _ _ _ owner _ creator _; do ours && ids="$ids -m $id"; done </proc/sysvipc/shm
  while read -r _ id _ _ _ _ _ owner _ creator _; do ours && ids="$ids -q $id"; done </proc/sysvipc/msg
  while read -r _ id _ _ owner _ creator _; do ours && ids="$ids -s $id"; done </proc/sysvipc/sem
  [ -z "$ids" ] || ipcrm $ids 2>/dev/null 9>&-
}

ours() { [ "$owner" = "$uid" ] || [ "$creator" = "$uid" ]; }
