import { setTimeout as delay } from 'node:timers/promises'
import { killNow, workersOf } from './workers.ts'

/** Every function on the way of a lease, and the one that repairs. */
export const FUNCTIONS = [
  'api',
  'poll',
  'authorize',
  'decide',
  'activate',
  'destroy',
  'finalize',
  'sweep',
] as const
/** Those that make a landing, and the one that takes it. */
export const LANDING_FUNCTIONS = ['api', 'land', 'land-at-host'] as const
/** All landings go through the same few functions, one after the other: killed more often they would hardly move. */
export const LANDING_GAP = 2_000
export type FunctionName = (typeof FUNCTIONS)[number] | (typeof LANDING_FUNCTIONS)[number]

/** Milliseconds: the least time from one kill to the next, what chance adds, and how long after its call a process dies. */
const GAP = 150
const MORE = 600
const LATER = 25
/** A victim that nobody calls for so long leaves its turn to whoever is called. */
const PATIENCE = 500

export interface Killer {
  readonly victims: readonly FunctionName[]
  /** To be told of every invocation, by the function's name. */
  readonly onInvoke: (functionName: string) => void
  /** From now on it kills processes of the stack whose table is there. */
  begin(dynamodb: string): void
  /** Stops; answers how many processes of which function it has killed. */
  end(): Promise<Readonly<Record<string, number>>>
}

/** Kills processes of three functions, each shortly after one of them was called, so that it mostly is at work. */
export function createKiller(
  random: () => number,
  among: readonly FunctionName[] = FUNCTIONS,
  gap = GAP,
): Killer {
  const victims = chosen(random, among)
  const killed: Record<string, number> = Object.fromEntries(victims.map((name) => [name, 0]))
  const underWay = new Set<Promise<void>>()
  const pick = () => victims[Math.floor(random() * victims.length)]
  let table: string | undefined
  let notBefore = 0
  let turn = pick()

  const kill = async (victim: FunctionName, dynamodb: string): Promise<void> => {
    await delay(random() * LATER)
    const pids = workersOf(dynamodb, `drydock-${victim}`)
    const pid = pids[Math.floor(random() * pids.length)]
    if (pid !== undefined && killNow(pid)) killed[victim] = (killed[victim] ?? 0) + 1
  }
  return {
    victims,
    onInvoke: (functionName) => {
      const victim = victims.find((name) => `drydock-${name}` === functionName)
      const now = performance.now()
      if (table === undefined || victim === undefined || now < notBefore) return
      if (victim !== turn && now < notBefore + PATIENCE) return
      notBefore = now + gap + random() * MORE
      turn = pick()
      const one = kill(victim, table).finally(() => underWay.delete(one))
      underWay.add(one)
    },
    begin: (dynamodb) => {
      table = dynamodb
    },
    end: async () => {
      table = undefined
      await Promise.all(underWay)
      return killed
    },
  }
}

function chosen(random: () => number, among: readonly FunctionName[]): readonly FunctionName[] {
  const left: FunctionName[] = [...among]
  return [1, 2, 3].flatMap(() => left.splice(Math.floor(random() * left.length), 1))
}
