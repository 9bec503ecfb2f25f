import type { CommandRequest } from '../app/ports/hosts.ts'
import { type Field, LONGEST_ARGUMENT_BYTES } from './payload.ts'

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/
/** By this the host finds what a slot started: a job that names it would be killed with another, or not at all. */
const RESERVED = 'DRYDOCK_PROCESS'

/**
 * A command as the fields of `run`, in the order in which the host needs them (environment before arguments), or
 * why no host could start it as it was asked for.
 */
export function commandFields(command: CommandRequest): Field[] | string {
  const environment = Object.entries(command.environment)
  const entries = environment.map(([name, value]) => `${name}=${value}`)
  const badName = environment.find(([name]) => !NAME.test(name) || name === RESERVED)
  if (badName) return `the environment cannot hold the name ${JSON.stringify(badName[0])}`
  if (command.argv.length === 0 || command.argv[0] === '') return 'there is no program to run'
  if ([...command.argv, ...entries, command.directory].some((text) => text.includes('\0'))) {
    return 'an argument, the environment or the directory holds a NUL'
  }
  if ([...command.argv, ...entries].some((text) => Buffer.byteLength(text) > LONGEST_ARGUMENT_BYTES)) {
    return `an argument or an entry of the environment is longer than ${LONGEST_ARGUMENT_BYTES} bytes`
  }
  return [
    ['number', command.number],
    ['timeout', command.timeoutSeconds],
    ['directory', command.directory],
    ...entries.map((entry): Field => ['environment', entry]),
    ...command.argv.map((argument): Field => ['argument', argument]),
  ]
}
