import { commandRequest } from '../../contract/command.ts'
import type { CommandRequest } from '../../contract/command.ts'
import type { Context, Values } from './command.ts'
import { whole } from './parse.ts'
import { UsageError } from './usage.ts'

/** As the service takes it. */
const MOST_INPUT = 1_048_576
/** The service judges by the same rules; here they cost no lease. */
const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/
const OUTSIDE = /^\/|(?:^|\/)\.\.(?:\/|$)/

export const COMMAND_FLAGS = {
  env: {
    type: 'string',
    multiple: true,
    value: 'NAME=VALUE',
    about: 'for the command; NAME alone takes yours',
  },
  'secret-env': {
    type: 'string',
    multiple: true,
    value: 'NAME',
    about: 'as --env NAME, but kept encrypted and masked in the output',
  },
  stdin: { type: 'boolean', about: 'pass standard input on, at most 1 MiB; read to its end first' },
  directory: { type: 'string', value: 'PATH', about: 'where it runs, relative to the working copy' },
  timeout: {
    type: 'string',
    value: 'SECONDS',
    about: 'for the command; default 3600, or what the lease has',
  },
} as const

/** What the flags and operands ask for. @throws UsageError */
export async function commandRequestOf(
  values: Values<typeof COMMAND_FLAGS>,
  argv: readonly string[],
  { environment: own, input }: Pick<Context, 'environment' | 'input'>,
): Promise<CommandRequest> {
  const timeoutSeconds = whole('timeout', values.timeout)
  for (const given of [...(values.env ?? []), ...(values['secret-env'] ?? [])]) {
    const [name = ''] = given.split('=')
    if (!NAME.test(name)) throw new UsageError(`--env: '${name}' is no name of a variable`)
  }
  if (OUTSIDE.test(values.directory ?? '')) throw new UsageError('--directory: relative, and never upwards')
  const read = commandRequest.safeParse({
    argv,
    environment: Object.fromEntries((values.env ?? []).map((given) => variable(given, own))),
    secretEnv: Object.fromEntries(
      (values['secret-env'] ?? []).map((name) => [name, valueOf('--secret-env', name, own)]),
    ),
    ...(timeoutSeconds === undefined ? {} : { timeoutSeconds }),
    ...(values.directory === undefined ? {} : { directory: values.directory }),
    ...(values.stdin ? { stdin: { base64: (await input(MOST_INPUT)).toString('base64') } } : {}),
  })
  if (read.success) return read.data
  const [issue] = read.error.issues
  throw new UsageError(`the command: ${issue?.path.join('.')}: ${issue?.message}`)
}

type Environment = Context['environment']

export function variable(given: string, own: Environment): readonly [string, string] {
  const equals = given.indexOf('=')
  if (equals >= 0) return [given.slice(0, equals), given.slice(equals + 1)]
  return [given, valueOf('--env', given, own)]
}

function valueOf(flag: string, name: string, own: Environment): string {
  if (flag === '--secret-env' && name.includes('=')) {
    throw new UsageError('--secret-env takes a name: others see command lines')
  }
  const value = own[name]
  if (value === undefined) throw new UsageError(`${flag} ${name}: there is no such variable here`)
  return value
}
