import type { AcquiredLease, ActiveLease, Receipt } from '../../domain/lease.ts'
import type { Cause } from '../../domain/step.ts'
import { activate } from '../../domain/transitions.ts'
import type { Ports } from '../ports/ports.ts'
import type { Outcome } from '../ports/table.ts'
import { slotHeldBy } from '../store/conditions/slot.ts'
import { slotKey } from '../store/keys.ts'
import { move } from './move.ts'

/** T4: the host is ready; from now on the lease may be used, and its time runs. */
export async function makeActive(
  ports: Pick<Ports, 'table' | 'chance'>,
  lease: AcquiredLease,
  receipt: Receipt | undefined,
  by: Cause,
): Promise<{ readonly outcome: Outcome; readonly lease: ActiveLease }> {
  const opId = ports.chance.opaque()
  const step = activate(lease, receipt, by)
  const outcome = await ports.table.transact(opId, [
    ...move(opId, lease, step),
    {
      kind: 'check',
      key: slotKey(lease.slot.host, lease.slot.number),
      when: slotHeldBy(lease.id, lease.epoch),
    },
  ])
  return { outcome, lease: step.lease }
}
