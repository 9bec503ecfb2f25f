# The whole of what Systems Manager runs on a host. The payload is a header and a body; the body of the last part goes
# to the host script on stdin, or is the host script itself, of which only the one with this hash is taken.
set -u
umask 077
LC_ALL=C
export LC_ALL

say() {
  printf '%s\n' "document $*" end
  exit 0
}

# The agent keeps what it ran for two weeks; what is decoded here is gone before anything is done with it.
decoded=$(mktemp) || exit 1
printf %s '{{ payload }}' | tr '_-' '/+' | base64 -d >"$decoded" || { rm -f "$decoded"; exit 1; }
exec <"$decoded"
rm -f "$decoded"

directory='' id='' late='' part='' parts='' task=''
while IFS= read -r line; do
  case $line in
    directory=*) directory=${line#*=} ;;
    id=*) id=${line#*=} ;;
    not-after=*) late=${line#*=} ;;
    part=*) part=${line#*=} ;;
    parts=*) parts=${line#*=} ;;
    task=*) task=${line#*=} ;;
    body) break ;;
    '') ;;
    *) say bad header ;;
  esac
done
[ "${line:-}" = body ] || say bad header
case $directory in
  *[!A-Za-z0-9_./-]* | */../* | */..) say bad directory ;;
  /?*) ;;
  *) say bad directory ;;
esac
case $id in '' | *[!A-Za-z0-9]*) say bad id ;; esac
case $task in '' | *[!a-z]*) say bad task ;; esac
for number in "$late" "$part" "$parts"; do
  case $number in '' | *[!0-9]* | ?????????????*) say bad number ;; esac
done

now=$(date +%s)
[ "$now" -le "$late" ] || say late "$now"

# A node may get a command twice: parts stay until no second one of their message can come any more.
spool=$directory/spool/$id
for old in "$directory"/spool/*; do
  [ ! -d "$old" ] || { find "$directory/spool" -mindepth 1 -maxdepth 1 -mmin +2 -exec rm -rf {} + && break; }
done
if [ "$part" -lt "$parts" ]; then
  mkdir -p "$spool" && cat >"$spool/$part.$$" && mv -f "$spool/$part.$$" "$spool/$part" || exit 1
  say stored
fi
if [ "$parts" -gt 1 ]; then
  set --
  number=1
  while [ "$number" -lt "$parts" ]; do
    [ -f "$spool/$number" ] || say parts
    set -- "$@" "$spool/$number"
    number=$((number + 1))
  done
  whole=$(mktemp) && cat "$@" - >"$whole" || exit 1
  exec <"$whole"
  rm -f "$whole"
fi

script=$directory/bin/host-@sha256@.sh
if [ "$task" = install ]; then
  mkdir -p "$directory/bin" && cat >"$script.$$" || exit 1
  if echo "@sha256@  $script.$$" | sha256sum -c --quiet - >/dev/null 2>&1; then
    mv -f "$script.$$" "$script" && say installed
    exit 1
  fi
  rm -f "$script.$$"
  say another script
fi
[ -f "$script" ] || say script
exec sh "$script" "$task"
