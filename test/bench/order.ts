/** When a lease had its slot, and where it stood before. Times in epoch milliseconds. */
export interface Life {
  readonly tenant: string
  /** Waiter key: the smaller one is nearer to the head. */
  readonly place: string
  readonly slot: string
  readonly epoch: number
  /** Certainly in the queue from then on. */
  readonly standsFrom: number
  readonly acquired: number
  readonly destroyed: number
}

/** Pairs of leases that had one slot at the same time, or an epoch that is not above that of the one before. */
export function overlaps(lives: readonly Life[]): number {
  return pairs(lives, (a, b) => a.slot === b.slot && a.epoch <= b.epoch).filter(
    ([earlier, later]) => earlier.epoch === later.epoch || later.acquired < earlier.destroyed,
  ).length
}

/** Pairs of one tenant's leases of which the one further back was given a slot while the other one waited. */
export function inversions(lives: readonly Life[]): number {
  return pairs(lives, (a, b) => a.tenant === b.tenant && a.place < b.place).filter(
    ([front, back]) => front.standsFrom < back.acquired && back.acquired < front.acquired,
  ).length
}

/** Every two different leases for which it holds, in that order. */
function pairs(
  lives: readonly Life[],
  holds: (a: Life, b: Life) => boolean,
): readonly (readonly [Life, Life])[] {
  return lives.flatMap((a) => lives.filter((b) => a !== b && holds(a, b)).map((b) => [a, b] as const))
}
