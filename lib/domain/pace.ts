/**
 * How fast a pool gives its slots away, measured by looking at it now and then: every acquisition raises its slot's
 * epoch, so two looks tell how many there were, and by Little's law the slots held in between tell how long each was
 * held. Costs a lease nothing. Times and durations in milliseconds.
 */
export interface Pace {
  /** When the pool was looked at last, and since when it is being counted. */
  readonly at: number
  readonly since: number
  readonly slots: number
  /** Sum of the epochs of its slots at `since`. */
  readonly epochs: number
  /** Slot-milliseconds that were held since then. */
  readonly busy: number
  /** Mean hold of recent leases, from acquired to the next one's; not there until one has ended. */
  readonly meanHold?: number
}

export interface Look {
  readonly now: number
  readonly slots: number
  readonly held: number
  readonly epochs: number
}

/** A mean hold until one was measured. */
export const FIRST_HOLD = 60_000
/** A count is closed after this long, if a lease was given a slot in it. */
const WINDOW = 60_000
/** Between two looks further apart than this nobody knows what was held. */
const LONGEST_GAP = 120_000

export function paceAfter(before: Pace | undefined, { now, slots, held, epochs }: Look): Pace {
  const fresh = { at: now, since: now, slots, epochs, busy: 0 }
  if (!before) return fresh
  const kept = before.meanHold === undefined ? {} : { meanHold: before.meanHold }
  const given = epochs - before.epochs
  // Slots came or went, or nobody looked for long.
  if (given < 0 || slots !== before.slots || now - before.at > LONGEST_GAP) return { ...fresh, ...kept }
  const busy = before.busy + held * Math.max(0, now - before.at)
  const span = now - before.since
  if (given === 0) {
    const atLeast = held > 0 ? Math.max(before.meanHold ?? 0, span) : before.meanHold
    return { ...before, at: now, busy, ...(atLeast === undefined ? {} : { meanHold: atLeast }) }
  }
  if (span < WINDOW) return { ...before, at: now, busy }
  const measured = busy / given
  const meanHold = before.meanHold === undefined ? measured : (before.meanHold + measured) / 2
  return { ...fresh, meanHold: Math.round(meanHold) }
}

/** Milliseconds of the pool's time that one lease takes: what a tenant's place moves on by with each request. */
export const quantumOf = (meanHold: number | undefined, slots: number): number =>
  Math.round((meanHold ?? FIRST_HOLD) / Math.max(1, slots))
