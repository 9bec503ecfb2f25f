import type { HoldingLease } from './lease.ts'

/** When a slot that a lease holds may be expected back; milliseconds. `undefined` where nothing is known of holds. */
export function expectedBack(
  lease: HoldingLease,
  meanHold: number | undefined,
  now: number,
): number | undefined {
  if (lease.status === 'released' || lease.status === 'broken') return now
  if (lease.status === 'kept') return Math.max(now, lease.holdUntil)
  if (meanHold === undefined) return undefined
  const since = lease.status === 'acquired' ? lease.acquiredAt : lease.activatedAt
  // One that is held for longer than most: of those it is as young as any, so it has another mean hold before it.
  const expected = since + meanHold > now ? since + meanHold : now + meanHold
  return lease.status === 'active' ? Math.min(expected, Math.max(now, lease.maxExpiresAt)) : expected
}

/**
 * When the waiter of this rank (1 = next) may expect a slot, if each of the slots that come back goes to the next in
 * the queue and is held for a mean hold. `undefined` where no slot is expected back, or holds are not known and needed.
 */
export function expectedTurn(
  rank: number,
  back: readonly number[],
  meanHold: number | undefined,
): number | undefined {
  const first = back.toSorted((a, b) => a - b)
  // In order by themselves: each comes back a mean hold after the one before.
  const again: number[] = []
  for (let turn = 1; ; turn++) {
    const next = Math.min(first[0] ?? Infinity, again[0] ?? Infinity)
    if (next === Infinity) return undefined
    if (turn === rank) return next
    if (next === first[0]) first.shift()
    else again.shift()
    if (meanHold !== undefined) again.push(next + meanHold)
  }
}
