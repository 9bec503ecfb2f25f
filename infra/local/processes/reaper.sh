# Kills every process whose initial environment has exactly the entry "$1": for each line on stdin, and
# once more when stdin ends, which it does however the parent died. Answers each line with the number of
# marked processes that could not be killed.
trap '' INT TERM HUP

marked() {
  grep -lzxF -- "$1" /proc/[0-9]*/environ 2>/dev/null
}

# Killing takes several passes: a marked process may fork between the search and the kill.
reap() {
  passes=0
  while [ "$passes" -lt 200 ]; do
    found=$(marked "$1")
    [ -n "$found" ] || break
    for file in $found; do
      pid=${file#/proc/}
      kill -s KILL "${pid%/environ}" 2>/dev/null
    done
    passes=$((passes + 1))
    sleep 0.02
  done
}

while read -r _; do
  reap "$1"
  marked "$1" | wc -l
done
reap "$1"
