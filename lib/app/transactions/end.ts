import type { AcquiredLease, ActiveLease, Ending, KeptLease, PendingLease } from '../../domain/lease.ts'
import type { Cause } from '../../domain/step.ts'
import { breakLease, cancel, release } from '../../domain/endings.ts'
import type { ActiveCopy, PendingCopy } from '../../domain/working-copy.ts'
import type { Ports } from '../ports/ports.ts'
import type { Outcome } from '../ports/table.ts'
import { leaseExpired } from '../store/conditions/lease.ts'
import { brokenCopy } from './copies.ts'
import { leaveQueues, move } from './move.ts'

type Needs = Pick<Ports, 'table' | 'chance'>
type Why = Omit<Ending, 'endedAt'>

/** T5 for a lease that has a slot: it is over, and its cleaning begins. `copy`: the one that its host failed to make. */
export async function endHolding(
  ports: Needs,
  lease: AcquiredLease | ActiveLease | KeptLease,
  as: 'released' | 'broken',
  why: Why,
  by: Cause,
  copy?: PendingCopy | ActiveCopy,
): Promise<Outcome> {
  const opId = ports.chance.opaque()
  const step = as === 'released' ? release(lease, why, by) : breakLease(lease, why, by)
  const when =
    lease.status === 'active' && why.reason === 'expired' ? leaseExpired(lease.version, by.now) : undefined
  return ports.table.transact(opId, [...move(opId, lease, step, when), ...brokenCopy(copy, opId, by)])
}

/** T5 for a lease that waits: it leaves the queues and is gone at once. */
export async function endWaiting(ports: Needs, lease: PendingLease, why: Why, by: Cause): Promise<Outcome> {
  const opId = ports.chance.opaque()
  return ports.table.transact(opId, [...move(opId, lease, cancel(lease, why, by)), ...leaveQueues(lease)])
}
