/** A pending lease's place in a pool's queue. */

/** One priority step is worth ten minutes of age. */
export const PRIORITY_STEP = 600_000

const DIGITS = 15

/**
 * The sort key that orders a queue: virtual time, then lease id. `base` is the place in milliseconds that the tenant
 * reserved in this pool at this priority.
 */
export function waiterKey(base: number, priority: number, leaseId: string): string {
  const virtualTime = base - priority * PRIORITY_STEP
  return `W#${String(virtualTime).padStart(DIGITS, '0')}#${leaseId}`
}

/** The base that a waiter's key was made of. */
export const baseOf = (key: string, priority: number): number =>
  Number(key.slice(2, 2 + DIGITS)) + priority * PRIORITY_STEP

/**
 * What a tenant's next place is after its last one, milliseconds: at least one, so that its own requests stay in the
 * order in which they came.
 */
export const stepOf = (quantum: number): number => Math.max(1, Math.round(quantum))

/**
 * Where whoever has no place behind it begins: beside the head of the queue, however far the queue is behind the clock,
 * or at the clock where nobody waits. So a tenant's first lease is served next, and not after all that a crowd had
 * asked for before (start-time fair queueing; the head's start is the virtual time).
 */
export const beginningOf = (head: number | undefined, now: number): number => Math.min(head ?? now, now)
