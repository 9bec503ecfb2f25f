import type { PendingLease } from '../../domain/lease.ts'
import type { Place } from '../../domain/matching.ts'
import type { Ports } from '../ports/ports.ts'
import { disabledOf } from '../store/catalogue-item.ts'
import { blueprintKey, leaseKey, waiterItemKey } from '../store/keys.ts'
import { leaseOf } from '../store/lease-item.ts'
import { dropWaiter } from '../transactions/drop-waiter.ts'
import { park } from '../transactions/park.ts'

/**
 * The lease at this place of a queue if it may be given a slot now. One whose blueprint gives no leases is set aside
 * with its place, a place without a waiting lease is dropped; `cleared` then tells that the queue moved on by it.
 */
export async function candidate(
  ports: Pick<Ports, 'table' | 'chance' | 'journal'>,
  pool: string,
  place: Place,
): Promise<{ readonly lease: PendingLease } | { readonly lease: undefined; readonly cleared: boolean }> {
  const [item, blueprint] = await ports.table.getAll([leaseKey(place.lease), blueprintKey(place.blueprint)])
  const lease = item && leaseOf(item)
  if (lease?.status !== 'pending') {
    // Most often somebody served it meanwhile, and its place is gone with that.
    const there = await ports.table.get(waiterItemKey(pool, place.key))
    return { lease: undefined, cleared: !there || (await dropWaiter(ports, pool, place)) }
  }
  if (lease.parked) return { lease: undefined, cleared: false }
  if (!blueprint || disabledOf(blueprint)) {
    return { lease: undefined, cleared: (await park(ports, lease)).committed }
  }
  return { lease }
}
