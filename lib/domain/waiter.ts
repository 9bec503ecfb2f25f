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
 * The next base of a tenant: one quantum after its last one, or now if that is later. Strictly above the last one, so
 * that a tenant's own requests stay in the order in which they came.
 */
export function nextBase(last: number | undefined, quantum: number, now: number): number {
  return last === undefined ? now : Math.max(last + Math.max(1, Math.round(quantum)), now)
}
