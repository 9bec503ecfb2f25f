import type { Place } from '../../domain/matching.ts'
import type { Ports } from '../ports/ports.ts'
import { notWaiting } from '../store/conditions/lease.ts'
import { stillThere } from '../store/conditions/any-item.ts'
import { leaseKey, waiterItemKey } from '../store/keys.ts'

/**
 * Takes a waiter out of its queue whose lease does not wait (an operator's hand, or a fault of ours): it would be served
 * for ever. Where it was only read too early, nothing happens: proof and removal are one transaction.
 */
export async function dropWaiter(
  ports: Pick<Ports, 'table' | 'chance' | 'journal'>,
  pool: string,
  place: Place,
): Promise<boolean> {
  const outcome = await ports.table.transact(ports.chance.opaque(), [
    { kind: 'check', key: leaseKey(place.lease), when: notWaiting },
    { kind: 'delete', key: waiterItemKey(pool, place.key), when: stillThere },
  ])
  if (outcome.committed) ports.journal.warn('a waiter had no waiting lease', { pool, lease: place.lease })
  return outcome.committed
}
