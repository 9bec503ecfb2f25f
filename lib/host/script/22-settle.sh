# --- numbers of users ----------------------------------------------------------------------------------

# Between the systems' own users and those that it gives out itself nobody has these numbers by default. The last of
# a range is nobody's: it is who kills.
name_range() {
  first=${1%-*} killer_id=${1#*-}
  case $first.$killer_id in *[!0-9.]* | .* | *. | 0.*) first=0 killer_id=0 ;; esac
  [ "$first" -gt 0 ] && [ "$killer_id" -gt "$first" ] && [ "$killer_id" -lt 4294967295 ] ||
    fail host script_failed "the file isolation names no range of user numbers"
}

# known_range: that of the level reached, which is in $reached, and where its cgroups are in $place.
known_range() {
  read -r reached _ place demanded <"$root/level"
  read -r _ range _ <<END
$demanded
END
  name_range "${range:-60800-61183}"
}

# claim_id PATH: a number that belongs to that path alone, whichever other hosts' directories this machine has. Of a
# path that is gone the number is free again. Sets $claimed.
claim_id() {
  claims=/run/drydock
  mkdir -p "$claims" && exec 4>>"$claims/lock" && flock -w 10 4 || return 1
  claimed='' id=$first
  while [ "$id" -lt "$killer_id" ]; do
    owner=''
    [ ! -e "$claims/$id" ] || read -r owner <"$claims/$id"
    [ "$owner" != "$1" ] || { claimed=$id; break; }
    if [ -z "$claimed" ]; then case $owner in '') claimed=$id ;; *) [ -e "$owner" ] || claimed=$id ;; esac; fi
    id=$((id + 1))
  done
  [ -n "$claimed" ] && printf '%s\n' "$1" >"$claims/$claimed"
  claim_failed=$?
  exec 4>&-
  return "$claim_failed"
}

# settle_level: gives a slot in which nothing runs the level that was reached, and nothing of what it held before.
settle_level() {
  read_level
  [ -z "$cgroup" ] || rmdir "$cgroup" 2>/dev/null
  discard "$slot/copies" "$slot/lease" "$slot/build" "$slot/kept" || fail host script_failed "cannot put the old slot aside"
  rm -f "$slot/level"
  known_range
  level=$reached uid='' killer='' cgroup=''
  if [ "$level" = process ]; then
    mkdir -p "$slot/lease" "$slot/copies" || fail_write "the slot's directory"
    return
  fi
  claim_id "$slot" || fail host script_failed "no user number is free for the slot"
  uid=$claimed killer=$killer_id
  if [ "$level" = cgroup ]; then
    cgroup=$place/$uid
    mkdir -p "$cgroup" && [ -e "$cgroup/cgroup.procs" ] || fail host script_failed "no cgroup can be made"
  fi
  empty_user || fail host not_empty "processes of user $uid survive SIGKILL:$found"
  umask 066
  mkdir -p "$slot/lease" "$slot/copies" "$slot/build" || fail_write "the slot's directory"
  umask 077
  mkdir -p "$slot/kept" && install -d -g "$uid" -m 710 "$slot" &&
    printf '%s\n' "$level $boot_id $uid $killer $cgroup" >"$slot/level" || fail_write "the slot's level"
}
