/** What one client is going to do, drawn before it begins. Durations in milliseconds. */
export interface Plan {
  readonly key: string
  /** POSTs with its key that it sends at the same moment. */
  readonly atOnce: number
  /** Hangs up on its first POST after this long, and asks again. */
  readonly hangsUpAfter?: number
  /** When it sends its POST once more, though it was answered. */
  readonly repeats: readonly Moment[]
  /** Between two looks while it waits; absent: long polls. */
  readonly looksEvery?: number
  readonly holdsFor: number
  /** Never gives the lease back: it ends by expiry. */
  readonly forgets: boolean
  /** Runs a command while it holds the lease. */
  readonly works: boolean
}

export type Moment = 'waiting' | 'active' | 'released'
const MOMENTS: readonly Moment[] = ['waiting', 'active', 'released']

export interface Habits {
  /** Shares of the clients, 0 to 1. */
  readonly forgetful: number
  readonly working: number
  readonly polling: number
  /** Mean time between two looks of those that do not poll long, milliseconds. */
  readonly looksEvery: number
}

export function planOf(
  key: string,
  { forgetful, working, polling, looksEvery }: Habits,
  random: () => number,
): Plan {
  const some = (share: number) => random() < share
  const between = (least: number, most: number) => Math.round(least + random() * (most - least))
  return {
    key,
    atOnce: some(0.3) ? 2 + Math.floor(random() * 2) : 1,
    ...(some(0.2) ? { hangsUpAfter: between(1, 150) } : {}),
    repeats: MOMENTS.filter(() => some(0.15)),
    ...(some(polling) ? {} : { looksEvery: between(0.5 * looksEvery, 1.5 * looksEvery) }),
    holdsFor: between(50, 450),
    forgets: some(forgetful),
    works: some(working),
  }
}
