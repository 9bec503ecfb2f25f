import process from 'node:process'
import { parseArgs } from 'node:util'

const SCENARIOS = [
  'race',
  'restart',
  'poisons',
  'escapes',
  'servers',
  'holders',
  'landings',
  'dropped',
] as const
export type Scenario = (typeof SCENARIOS)[number]
/** Those of them that a number of leases and slots is given for. */
type Sized = 'race' | 'restart'

export interface ChaosOptions {
  readonly only: readonly Scenario[]
  readonly seed: number
  readonly leases: Readonly<Record<Sized, number>>
  readonly slots: Readonly<Record<Sized, number>>
  /** Absent: as each scenario has it. */
  readonly times: number | undefined
  /** Nobody calls the sweep: repairs come by the stack's own schedule only. */
  readonly alone: boolean
}

const HELP = `npm run chaos [-- options]
  --only race,restart,... only these
                        race     clients that retry and forget, while processes of three functions are killed
                        restart  the whole stack is killed in the middle of leases and started again with its data
                        poisons  what jobs may leave in a working copy, through leases that end in every way
                        escapes  what jobs may do to outlive their lease or reach what is not theirs, at every level
                        servers  SSH servers of hosts are killed in the middle of every verb
                        holders  holders are killed, and executions stopped by hand
                        landings landings on one branch, all at once, while processes of three functions are killed
                        dropped  SSH connections are cut every 2 s while a command prints numbered lines for a minute
  --seed N              what chance does (default: another one each time; it is printed)
  --leases N            race: 500, restart: 20 each time
  --slots N             race: 100, restart: 8
  --times N             how often the stack, or each host's server, is killed (default 20); holders: how many (default 50); landings: how many (default 100)
  --alone               no sweep is called in between: repairs come by the schedule only, as in the last restart always`

const DEFAULTS = { leases: { race: 500, restart: 20 }, slots: { race: 100, restart: 8 } } as const

/** What was asked for on the command line; ends the process where that is help, or nothing that can be done. */
export function readOptions(): ChaosOptions {
  const values = parse()
  const only = SCENARIOS.filter((name) => values.only.split(',').includes(name))
  if (only.length !== values.only.split(',').length)
    refuse(`--only ${values.only}: one or more of ${SCENARIOS.join(', ')}`)
  const given = (name: 'seed' | 'leases' | 'slots' | 'times', least: number): number | undefined => {
    const text = values[name]
    if (text === undefined) return undefined
    const number = Number(text)
    if (!Number.isInteger(number) || number < least) refuse(`--${name} ${text}: a whole number from ${least}`)
    return number
  }
  const each = (name: 'leases' | 'slots', least: number) => {
    const number = given(name, least)
    return number === undefined ? DEFAULTS[name] : { race: number, restart: number }
  }
  return {
    only,
    seed: given('seed', 0) ?? Math.floor(Math.random() * 1_000_000),
    leases: each('leases', 1),
    slots: each('slots', 3),
    times: given('times', 1),
    alone: values.alone,
  }
}

function parse() {
  try {
    const { values } = parseArgs({
      options: {
        only: { type: 'string', default: SCENARIOS.join(',') },
        seed: { type: 'string' },
        leases: { type: 'string' },
        slots: { type: 'string' },
        times: { type: 'string' },
        alone: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    })
    if (!values.help) return values
    console.log(HELP)
    return process.exit(0)
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error))
  }
}

function refuse(message: string): never {
  console.error(`${message}\n\n${HELP}`)
  return process.exit(2)
}
