# --- the working copy of a user ------------------------------------------------------------------------
# The same procedure, run as the slot's user: whatever lies in the copy, git and find meet it without control's rights.

# share_mirror: a mirror has a group of its own, which the jobs of a lease get with its checkout: nobody reads what
# his lease did not ask for.
share_mirror() {
  group='' owner=''
  [ ! -r "$mirror/drydock-group" ] || read -r group <"$mirror/drydock-group"
  [ -z "$group" ] || [ ! -r "/run/drydock/$group" ] || read -r owner <"/run/drydock/$group"
  if [ "$owner" != "$mirror" ]; then
    known_range
    claim_id "$mirror" || fail host script_failed "no number is free for the mirror's group"
    group=$claimed
    { chgrp "$group" "$mirror" && chmod 750 "$mirror" && printf '%s\n' "$group" >"$mirror/drydock-group"; } ||
      fail_write "the mirror"
  fi
  printf '%s\n' "$group" >"$job.group"
  groups=--groups=$group
}

# The index that is kept is the one thing that the next checkout takes over, so it comes from a checkout that no job
# could reach into, and lies where none can.
renew_as_user() {
  build_copy=$slot/build/$entry kept=$slot/kept/$entry
  prepare_copy && discard "$copy/.git" "$build_copy" &&
    install -d -o "$uid" -g "$uid" -m 755 "$copy" "$build_copy" || return 1
  [ ! -f "$kept" ] || { chown "$uid" "$kept" && mv -T "$kept" "$build_copy/index"; } || return 1
  text=$(cat "$self")
  files=$(as_user sh -c "$text" "$self" fill "$p_slot" "$p_epoch" "$work_id" "$commit" "$tree" 7>&-)
  filled=$?
  case $filled.$files in 0. | 0.*[!0-9]* | [!0]*) return 1 ;; esac
  mv -T "$build_copy/index" "$kept" || return 1
  for request in "$lease"/commands/*.request; do [ ! -e "$request" ] || discard "$kept"; done
  discard "$build_copy"
}

# fill_as_user: the user's part. Prints the number of files.
fill_as_user() {
  phase() { :; }
  name_build
  [ -w "$copy" ] && [ -x "$copy" ] || chmod 755 "$copy" || return 1
  fill_copy && printf '%s\n' "$files"
}

case $#.${1:-} in
  1.checkout)
    read_payload
    verb_checkout
    exit 0
    ;;
  4.materialise)
    p_slot=$2 p_epoch=$3 p_nonce=worker
    name_work "$4"
    materialise
    exit 0
    ;;
  6.fill)
    umask 022
    p_slot=$2 p_epoch=$3 p_nonce=worker commit=$5 tree=$6
    name_work "$4"
    fill_as_user
    exit
    ;;
esac
