/**
 * Writes the script, which is an argument and never a part of this text, into a file of the slot's own and executes
 * that: with the interpreter of its first line where it names one, else with `sh -e`. The file is removed with the
 * slot's other leavings when the lease ends.
 */
const RUN_SCRIPT = `umask 077
file=$(mktemp "\${TMPDIR:-/tmp}/drydock-step.XXXXXX") && printf '%s' "$1" >"$file" && chmod 700 "$file" || exit 126
case $1 in '#!'*) exec "$file" ;; *) exec sh -e "$file" ;; esac`

/** `sh` sees fixed text and one argument. */
export const argvOfScript = (script: string): readonly string[] => [
  'sh',
  '-c',
  RUN_SCRIPT,
  'drydock-step',
  script,
]
