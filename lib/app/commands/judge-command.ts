import type { Result } from '../../domain/refusals.ts'
import { ok, refuse } from '../../domain/refusals.ts'
import { MOST_INPUT } from './input.ts'

/** What is asked for; whoever calls may leave the time to the lease. */
export interface CommandDemand {
  readonly argv: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  /** Encrypted until the command runs, masked in its output, forgotten when it has ended. */
  readonly secretEnvironment?: Readonly<Record<string, string>>
  readonly input?: Uint8Array
  readonly timeoutSeconds?: number
  /** Not there: where the lease's commands run unless they are told otherwise. */
  readonly directory?: string | undefined
}

/** With everything that the lease decides where the caller did not. */
export type JudgedCommand = CommandDemand & { readonly timeoutSeconds: number; readonly directory: string }

/** A command lives in one item, and items end at 400 KB; the secrets' encryption adds nothing that counts. */
const MOST_TEXT = 250_000
const MOST_VARIABLES = 500
/** Linux takes no longer single argument or entry of an environment, with its NUL. */
const LONGEST = 131_071
const DEFAULT_TIMEOUT = 3_600
const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/
/** By this the host finds a job's processes. */
const RESERVED = 'DRYDOCK_PROCESS'
/** Secrets come in through a shell, which keeps these to itself. */
const OF_SHELLS = /^(?:UID|EUID|PPID|BASH.*|SHELLOPTS|DRYDOCK_LINE|PATH|IFS)$/

/** The demand with its timeout, or why no host could run it so in a lease that may be held for `maxHold`. */
export function judgeCommand(
  demand: CommandDemand & { readonly directory: string },
  maxHold: number,
): Result<JudgedCommand> {
  const most = Math.floor(maxHold / 1_000)
  const timeoutSeconds = demand.timeoutSeconds ?? Math.min(DEFAULT_TIMEOUT, most)
  if (!(timeoutSeconds >= 1)) {
    return refuse('too_short', 'timeoutSeconds is below 1 s.', { hints: { timeoutSeconds: 1 } })
  }
  if (timeoutSeconds > most) {
    return refuse('too_long', 'timeoutSeconds is above what the lease can be held for.', {
      hints: { timeoutSeconds: most },
    })
  }
  const fault = tooMuch(demand) ?? badEnvironment(demand) ?? badArgument(demand)
  return fault ?? ok({ ...demand, timeoutSeconds })
}

type Judgeable = CommandDemand & { readonly directory: string }
type Fault = ReturnType<typeof refuse> | undefined

const variablesOf = ({ environment, secretEnvironment = {} }: CommandDemand) => [
  ...Object.entries(environment),
  ...Object.entries(secretEnvironment),
]

function tooMuch(demand: Judgeable): Fault {
  const variables = variablesOf(demand)
  if (variables.length > MOST_VARIABLES) {
    return refuse('too_many_variables', `A command takes ${MOST_VARIABLES} variables at most.`, {
      hints: { most: MOST_VARIABLES },
    })
  }
  // Secrets are kept as JSON, which writes some characters as six.
  const kept = [...demand.argv, ...Object.entries(demand.environment).flat(), demand.directory]
  const secrets = JSON.stringify(demand.secretEnvironment ?? {})
  const text = [...kept, secrets].reduce((sum, one) => sum + sizeOf(one), 0)
  if (text > MOST_TEXT) return refuse('too_large', `Arguments and environment are over ${MOST_TEXT} bytes.`)
  if ((demand.input?.length ?? 0) > MOST_INPUT) {
    return refuse('too_large', `Standard input is over ${MOST_INPUT} bytes.`)
  }
  return undefined
}

function badEnvironment(demand: CommandDemand): Fault {
  const bad = (name: string, why: string) =>
    refuse('bad_environment', `Variable ${JSON.stringify(name.slice(0, 200))}: ${why}.`)
  for (const [name, value] of variablesOf(demand)) {
    if (!NAME.test(name)) return bad(name, 'a name is letters, digits and _, at most 128, no digit first')
    if (name === RESERVED) return bad(name, 'it is what the host finds its processes by')
    if (value.includes('\u0000')) return bad(name, 'a NUL cannot be passed to a program')
    if (sizeOf(`${name}=${value}`) > LONGEST) return bad(name, `it is over ${LONGEST} bytes`)
  }
  for (const name of Object.keys(demand.secretEnvironment ?? {})) {
    if (Object.hasOwn(demand.environment, name)) return bad(name, 'it is given twice')
    if (OF_SHELLS.test(name)) return bad(name, 'no secret can have this name')
  }
  return undefined
}

function badArgument({ argv, directory }: Judgeable): Fault {
  if (argv[0] === undefined || argv[0] === '') return refuse('bad_argument', 'There is no program to run.')
  const at = argv.findIndex((text) => text.includes('\u0000') || sizeOf(text) > LONGEST)
  if (at >= 0) return refuse('bad_argument', `Argument ${at} holds a NUL, or is over ${LONGEST} bytes.`)
  const upwards = directory.startsWith('/') || directory.split('/').includes('..')
  if (upwards || directory.includes('\u0000')) {
    return refuse('bad_directory', 'A directory is relative to the working copy, and never leads upwards.')
  }
  return undefined
}

const utf8 = new TextEncoder()
const sizeOf = (text: string): number => utf8.encode(text).length
