import process from 'node:process'
import { parseArgs } from 'node:util'

const SCENARIOS = ['race', 'restart'] as const
export type Scenario = (typeof SCENARIOS)[number]

export interface ChaosOptions {
  readonly only: readonly Scenario[]
  readonly seed: number
  readonly leases: Readonly<Record<Scenario, number>>
  readonly slots: Readonly<Record<Scenario, number>>
  readonly times: number
  /** Nobody calls the sweep: repairs come by the stack's own schedule only. */
  readonly alone: boolean
}

const HELP = `npm run chaos [-- options]
  --only race,restart   only these
                        race     clients that retry and forget, while processes of three functions are killed
                        restart  the whole stack is killed in the middle of leases and started again with its data
  --seed N              what chance does (default: another one each time; it is printed)
  --leases N            race: 500, restart: 20 each time
  --slots N             race: 100, restart: 8
  --times N             how often the stack is killed (default 20)
  --alone               no sweep is called in between: repairs come by the schedule only, as in the last restart always`

const DEFAULTS = { leases: { race: 500, restart: 20 }, slots: { race: 100, restart: 8 }, times: 20 } as const

/** What was asked for on the command line; ends the process where that is help, or nothing that can be done. */
export function readOptions(): ChaosOptions {
  const values = parse()
  const only = SCENARIOS.filter((name) => values.only.split(',').includes(name))
  if (only.length !== values.only.split(',').length) refuse(`--only ${values.only}: race, restart or both`)
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
    times: given('times', 1) ?? DEFAULTS.times,
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
