import type { PendingLease } from '../../domain/lease.ts'
import type { Ports } from '../ports/ports.ts'
import type { Outcome, Write } from '../ports/table.ts'
import { notThereYet } from '../store/conditions/any-item.ts'
import { standsAsRead } from '../store/conditions/lease.ts'
import { leaseKey, waiterItemKey } from '../store/keys.ts'
import { waiterOf } from '../transactions/move.ts'

/**
 * A waiting lease that has lost its place in one queue (an operator's hand, or a fault of ours) can neither be served in
 * another queue nor end: whoever meets that gives it its place back, so that the head of no queue waits for the audit.
 */
export async function restorePlaces(
  ports: Pick<Ports, 'table' | 'chance' | 'journal'>,
  lease: PendingLease,
  outcome: Outcome,
): Promise<void> {
  // Where another condition did not hold either, somebody was faster, and nothing is missing.
  if (outcome.committed || outcome.lost.length === 0 || lease.parked) return
  if (outcome.lost.some(({ condition }) => condition !== 'still_there')) return
  for (const [pool, key] of Object.entries(lease.waiters)) {
    const item = { ...waiterItemKey(pool, key), ...waiterOf(lease) }
    const writes: readonly Write[] = [
      { kind: 'check', key: leaseKey(lease.id), when: standsAsRead(lease.version, false) },
      { kind: 'put', item, when: notThereYet },
    ]
    const { committed } = await ports.table.transact(ports.chance.opaque(), writes)
    if (committed) ports.journal.warn('a waiting lease had lost its place', { leaseId: lease.id, pool })
  }
}
