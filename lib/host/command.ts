import type { CommandRequest } from '../app/ports/hosts.ts'
import { type Field, LONGEST_ARGUMENT_BYTES } from './payload.ts'

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/
/** By this the host finds what a slot started: a job that names it would be killed with another, or not at all. */
const RESERVED = 'DRYDOCK_PROCESS'

/** What a shell keeps for itself: it would not take a secret of that name from us. */
const OF_SHELLS = /^(?:UID|EUID|PPID|BASH.*|SHELLOPTS|DRYDOCK_LINE|PATH|IFS)$/

/**
 * A command as the fields of `run`, in the order in which the host needs them (environment before arguments), or
 * why no host could start it as it was asked for.
 */
export function commandFields(command: CommandRequest): Field[] | string {
  const secret = Object.entries(command.secretEnvironment ?? {})
  const named = [...Object.entries(command.environment), ...secret]
  const badName = named.find(([name]) => !NAME.test(name) || name === RESERVED)
  if (badName) return `the environment cannot hold the name ${JSON.stringify(badName[0])}`
  const kept = secret.find(([name]) => OF_SHELLS.test(name))
  if (kept) return `no secret can have the name ${kept[0]}`
  if (command.argv.length === 0 || command.argv[0] === '') return 'there is no program to run'
  const texts = [...command.argv, ...named.map(([name, value]) => `${name}=${value}`)]
  if ([...texts, command.directory].some((text) => text.includes('\0'))) {
    return 'an argument, the environment or the directory holds a NUL'
  }
  if (texts.some((text) => Buffer.byteLength(text) > LONGEST_ARGUMENT_BYTES)) {
    return `an argument or an entry of the environment is longer than ${LONGEST_ARGUMENT_BYTES} bytes`
  }
  return [
    ['number', command.number],
    ['timeout', command.timeoutSeconds],
    ['directory', command.directory],
    ...optional('retain', command.keepBytes),
    ...optional('input', command.input?.length),
    ...secret.map(([name, value]): Field => ['hidden', `${name}=${value}`]),
    ...Object.entries(command.environment).map(([name, value]): Field => ['environment', `${name}=${value}`]),
    ...command.argv.map((argument): Field => ['argument', argument]),
  ]
}

const optional = (name: string, value: number | undefined): Field[] =>
  value === undefined ? [] : [[name, value]]
