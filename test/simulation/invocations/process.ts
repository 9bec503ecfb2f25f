import type { Faults } from '../faults/faults.ts'
import type { FaultKind } from '../faults/profiles.ts'
import type { Kernel } from '../kernel/kernel.ts'
import type { Log } from '../kernel/log.ts'
import type { Random } from '../kernel/random.ts'

/** One run of a use case: it lives until its work is done, or until it dies and nothing of it happens any more. */
export interface Process {
  /** `name#number`. */
  readonly id: string
  /** What its clock tells more than the true time. */
  readonly skew: number
  /** False for what AWS runs itself. */
  readonly mortal: boolean
  readonly alive: () => boolean
  /** Nothing after this happens: no answer reaches it, no exception, no finally. What it sent may still arrive. */
  readonly kill: (how: string) => void
  /** Happens when it is killed. */
  readonly onDeath: (act: (how: string) => void) => void
  /** It has answered, or failed by itself. */
  readonly finish: () => void
}

/** How one call to the outside goes. */
export interface Plan<T> {
  /** For the log. */
  readonly what: string
  readonly effect: () => Promise<T>
  /** Milliseconds until it takes effect, more than usual. */
  readonly late?: number
  /** Milliseconds from effect to answer. */
  readonly answer?: number
  readonly fault?: FaultKind | undefined
}

/** How long calls take in a run. The slower they are, the more happens between two of them. */
export interface Pace {
  /** Milliseconds at most. */
  readonly most: number
  /** Of 1, calls that take up to so much longer. */
  readonly stragglers: number
  readonly longest: number
}

export interface Outside {
  readonly kernel: Kernel
  readonly faults: Faults
  readonly random: Random
  readonly log: Log
  /** How long calls take when nothing is wrong; default: a millisecond to twenty. */
  readonly pace?: Pace
}

export function createProcess(outside: Outside, id: string, mortal = true): Process {
  let state: 'alive' | 'dead' | 'finished' = 'alive'
  const mourners: ((how: string) => void)[] = []
  return {
    id,
    skew: mortal ? outside.faults.skew() : 0,
    mortal,
    alive: () => state === 'alive',
    kill: (how) => {
      if (state !== 'alive') return
      state = 'dead'
      outside.log.add(id, `DIES: ${how}`)
      for (const act of mourners) act(how)
    },
    onDeath: (act) => void mourners.push(act),
    finish: () => {
      if (state === 'alive') state = 'finished'
    },
  }
}

const never = <T>(): Promise<T> => new Promise<T>(() => undefined)

const PACE: Pace = { most: 20, stragglers: 0, longest: 20 }

/** A call to the outside: others come in between, the process may die in it, and only then there is an answer. */
export function reach<T>(outside: Outside, process: Process, plan: Plan<T>): Promise<T> {
  const { kernel, faults, random, log } = outside
  if (!process.alive()) return never()
  const death = process.mortal ? faults.draw(['died before a call', 'died after a call']) : undefined
  const { most, stragglers, longest } = outside.pace ?? PACE
  const soon = random.between(1, stragglers > 0 && random.chance(stragglers) ? longest : most)
  if (death === 'died before a call') {
    kernel.after(soon, () => process.kill(`before ${plan.what}`))
    return never()
  }
  return new Promise<T>((resolve, reject) => {
    const answer = (settle: () => void, how: string) => {
      const arrive = () => {
        if (!process.alive()) return
        log.add(process.id, `${plan.what}${plan.fault === undefined ? '' : ` [${plan.fault}]`} ${how}`)
        if (death === 'died after a call') process.kill(`after ${plan.what}`)
        else settle()
      }
      if (plan.answer === undefined) arrive()
      else kernel.after(plan.answer, arrive)
    }
    kernel.after(soon + (plan.late ?? 0), () => {
      plan.effect().then(
        (value) => answer(() => resolve(value), told(value)),
        (error: unknown) =>
          answer(
            () => reject(error instanceof Error ? error : new Error(String(error))),
            `! ${String(error)}`,
          ),
      )
    })
  })
}

/** What a call came back with, in few words. */
function told(value: unknown): string {
  if (value === undefined) return '= nothing'
  if (Array.isArray(value)) return `= ${value.length} items`
  if (typeof value !== 'object' || value === null) return '= done'
  if ('committed' in value) {
    if (value.committed === true) return '= committed'
    const lost = 'lost' in value && Array.isArray(value.lost) ? (value.lost as { condition: string }[]) : []
    return `= lost (${lost.map(({ condition }) => condition).join(', ')})`
  }
  if ('kind' in value) {
    const code = 'code' in value ? ` ${String(value.code)}` : ''
    return `= ${String(value.kind)}${code}`
  }
  return '= found'
}
