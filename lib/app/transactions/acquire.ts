import type { AcquiredLease, PendingLease } from '../../domain/lease.ts'
import type { FreeToken } from '../../domain/slot.ts'
import type { Cause, Step } from '../../domain/step.ts'
import { acquire } from '../../domain/transitions.ts'
import type { Ports } from '../ports/ports.ts'
import type { Outcome } from '../ports/table.ts'
import { slotFree } from '../store/conditions/slot.ts'
import { stillThere } from '../store/conditions/any-item.ts'
import { slotKey, tokenItemKey } from '../store/keys.ts'
import { leaveQueues, move } from './move.ts'

/** T2: a waiting lease takes a free slot; token, slot, queue and lease change as one. */
export async function takeSlot(
  ports: Pick<Ports, 'table' | 'chance'>,
  lease: PendingLease,
  token: FreeToken,
  by: Cause,
): Promise<{ readonly outcome: Outcome; readonly lease: AcquiredLease }> {
  const opId = ports.chance.opaque()
  const epoch = token.epoch + 1
  const step: Step<AcquiredLease> = acquire(
    lease,
    { host: token.host, number: token.number, pool: token.pool },
    epoch,
    by,
  )
  const outcome = await ports.table.transact(opId, [
    ...move(opId, lease, step),
    ...leaveQueues(lease),
    {
      kind: 'update',
      key: slotKey(token.host, token.number),
      set: { state: 'held', lease: lease.id, epoch, ...(lease.untrusted ? { tainted: true } : {}) },
      remove: ['token'],
      when: slotFree(token.epoch),
    },
    { kind: 'delete', key: tokenItemKey(token.pool, token.key), when: stillThere },
  ])
  return { outcome, lease: step.lease }
}
