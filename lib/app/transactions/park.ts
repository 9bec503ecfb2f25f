import type { PendingLease } from '../../domain/lease.ts'
import type { Ports } from '../ports/ports.ts'
import type { Outcome, Write } from '../ports/table.ts'
import { givesLeasesAgain, givesNoLeases } from '../store/conditions/blueprint.ts'
import { leaseUnchanged } from '../store/conditions/lease.ts'
import { notThereYet, stillThere } from '../store/conditions/any-item.ts'
import { blueprintKey, leaseKey, parkedKey, waiterItemKey } from '../store/keys.ts'
import { waiterOf } from './move.ts'

type Needs = Pick<Ports, 'table' | 'chance'>

/**
 * Takes a waiting lease out of its queues while its blueprint gives no leases; its places are kept beside them. No
 * transition: it waits as before. That the blueprint is disabled is checked by the same transaction, so that whoever
 * enables it afterwards finds every place that was set aside.
 */
export const park = async (ports: Needs, lease: PendingLease): Promise<Outcome> =>
  ports.table.transact(ports.chance.opaque(), [
    { kind: 'check', key: blueprintKey(lease.blueprint), when: givesNoLeases },
    mark(lease, { set: { parked: true }, remove: [] }),
    ...moved(lease, waiterItemKey, parkedKey),
  ])

/** Puts it back at the very places that it had. */
export const unpark = async (ports: Needs, lease: PendingLease): Promise<Outcome> =>
  ports.table.transact(ports.chance.opaque(), [
    { kind: 'check', key: blueprintKey(lease.blueprint), when: givesLeasesAgain },
    mark(lease, { set: {}, remove: ['parked'] }),
    ...moved(lease, parkedKey, waiterItemKey),
  ])

const mark = (
  lease: PendingLease,
  change: { readonly set: { readonly parked?: true }; readonly remove: readonly string[] },
): Write => ({
  kind: 'update',
  key: leaseKey(lease.id),
  ...change,
  when: leaseUnchanged(lease.version, 'pending'),
})

const moved = (lease: PendingLease, from: typeof waiterItemKey, to: typeof waiterItemKey): readonly Write[] =>
  Object.entries(lease.waiters).flatMap(([pool, key]): readonly Write[] => [
    { kind: 'delete', key: from(pool, key), when: stillThere },
    { kind: 'put', item: { ...to(pool, key), ...waiterOf(lease) }, when: notThereYet },
  ])
