import { parseArgs } from 'node:util'
import type { Command, Flags } from './command.ts'
import { UsageError } from './usage.ts'

export const GLOBAL_FLAGS = {
  url: { type: 'string', value: 'URL', about: 'the service (or DRYDOCK_URL)' },
  token: {
    type: 'string',
    value: 'TOKEN',
    about: 'API token (better DRYDOCK_TOKEN: others see command lines)',
  },
  json: { type: 'boolean', about: 'for machines' },
  help: { type: 'boolean', about: 'this text' },
} as const satisfies Flags

export interface Parsed {
  readonly values: Readonly<Record<string, string | boolean | string[] | undefined>>
  readonly operands: readonly string[]
}

/**
 * Reads a command's arguments; what follows `--` is never looked into.
 * @throws UsageError
 */
export function parse(command: Command, argv: readonly string[]): Parsed {
  const { head, tail } = split(argv)
  const { values, positionals } = read(command, joined(command, head))
  if (values['help'] === true) return { values, operands: [] }
  const { leading = 0 } = command
  if (command.trailing && positionals.length > leading) {
    throw new UsageError(`unexpected '${positionals[leading]}': put the command after --`)
  }
  if (command.trailing && positionals.length < leading) {
    throw new UsageError(`${command.operands} is expected, with -- before the command`)
  }
  const operands = [...positionals, ...tail]
  const { least, most } = command.count ?? { least: 0, most: 0 }
  if (operands.length < least) throw new UsageError(`${command.operands ?? 'an operand'} is missing`)
  if (operands.length > most) throw new UsageError(`unexpected '${operands[most]}'`)
  return { values, operands }
}

function read(command: Command, argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: { ...command.flags, ...GLOBAL_FLAGS },
      allowPositionals: true,
      strict: true,
    })
  } catch (error) {
    if (error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')) {
      throw new UsageError(error.message)
    }
    throw error
  }
}

/** parseArgs takes `--priority -2` for two flags. */
function joined({ flags }: Command, argv: readonly string[]): string[] {
  return argv.flatMap((word, index) => {
    const before = argv[index - 1]
    if (isNumberOf(flags, before, word)) return []
    const next = argv[index + 1]
    return isNumberOf(flags, word, next) ? [`${word}=${next}`] : [word]
  })
}

function isNumberOf(flags: Flags, flag: string | undefined, word: string | undefined): boolean {
  return (
    flag?.startsWith('--') === true && flags[flag.slice(2)]?.type === 'string' && /^-\d+$/.test(word ?? '')
  )
}

function split(argv: readonly string[]) {
  const dashes = argv.indexOf('--')
  return dashes < 0 ? { head: argv, tail: [] } : { head: argv.slice(0, dashes), tail: argv.slice(dashes + 1) }
}

/** A time with its zone, as ISO 8601 UTC. @throws UsageError */
export function instant(flag: string, value: string | undefined): string | undefined {
  if (value === undefined) return undefined
  const milliseconds = /T.*(?:Z|[+-]\d\d:\d\d)$/.test(value) ? Date.parse(value) : NaN
  if (Number.isNaN(milliseconds)) {
    throw new UsageError(`--${flag} takes a time like 2030-01-01T06:00:00Z, not '${value}'`)
  }
  return new Date(milliseconds).toISOString()
}

/** @throws UsageError */
export function whole(flag: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined
  if (!/^-?\d{1,9}$/.test(value)) throw new UsageError(`--${flag} takes a whole number, not '${value}'`)
  return Number(value)
}

/** @throws UsageError where the flag's value is none of these */
export function oneOf<T extends string>(
  flag: string,
  options: readonly T[],
  value: string | undefined,
): T | undefined {
  const found = options.find((option) => option === value)
  if (value !== undefined && found === undefined) {
    throw new UsageError(`--${flag} is one of ${options.join(', ')}, not '${value}'`)
  }
  return found
}
