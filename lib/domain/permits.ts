/**
 * How many of a tenant's permits may be given: those numbered below this. Normally all below its quota. While leases
 * live that were given when the quota was higher, fewer: as many as leave room for them, so that living leases come
 * down to the quota and never go beyond it. `taken`: numbers of permits that are held, in any order.
 */
export function permitsBelow(quota: number, taken: readonly number[]): number {
  for (let below = quota; below > 0; below--) {
    const above = taken.filter((number) => number >= below).length
    if (below + above <= quota) return below
  }
  return 0
}
