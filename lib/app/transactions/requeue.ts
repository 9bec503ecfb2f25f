import type { AcquiredLease, HostFailure } from '../../domain/lease.ts'
import type { Cause } from '../../domain/step.ts'
import { requeue } from '../../domain/transitions.ts'
import type { ActiveCopy, PendingCopy } from '../../domain/working-copy.ts'
import type { Ports } from '../ports/ports.ts'
import type { Outcome } from '../ports/table.ts'
import { slotHeldBy } from '../store/conditions/slot.ts'
import { slotKey } from '../store/keys.ts'
import { brokenCopy } from './copies.ts'
import { enterQueues, move } from './move.ts'

/**
 * T6: a host failed the activation. The lease gets its place back, the slot must be cleaned before anybody has it.
 * `copy`: the one that it failed to make.
 */
export async function giveBack(
  ports: Pick<Ports, 'table' | 'chance'>,
  lease: AcquiredLease,
  failure: HostFailure,
  by: Cause,
  copy?: PendingCopy | ActiveCopy,
): Promise<Outcome> {
  const opId = ports.chance.opaque()
  return ports.table.transact(opId, [
    ...move(opId, lease, requeue(lease, failure, by)),
    {
      kind: 'update',
      key: slotKey(lease.slot.host, lease.slot.number),
      set: { state: 'dirty' },
      remove: ['lease'],
      when: slotHeldBy(lease.id, lease.epoch),
    },
    ...enterQueues(lease),
    ...brokenCopy(copy, opId, by),
  ])
}
