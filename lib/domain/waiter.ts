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

/**
 * What a tenant's next place is after its last one, milliseconds: at least one, so that its own requests stay in the
 * order in which they came. Its places are start tags: one step after the last, or now if that is later, so that a
 * tenant with many waiting leases stands behind the first one of another.
 */
export const stepOf = (quantum: number): number => Math.max(1, Math.round(quantum))
