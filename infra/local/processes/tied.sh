# Runs "$@" in this very process, beside a watcher that kills the whole process group when stdin ends.
# stdin is a pipe that only the parent holds, so it ends however the parent died, SIGKILL included.
# The watcher is a member of the group it kills: the group's id cannot be reused while it lives.
exec 3<&0
(
  read -r _ <&3
  kill -s KILL 0
) >/dev/null 2>&1 &
exec "$@" 3<&- </dev/null
