import type { PendingLease } from '../../domain/lease.ts'
import type { Step } from '../../domain/step.ts'
import type { Ports } from '../ports/ports.ts'
import type { Outcome, Write } from '../ports/table.ts'
import { keyNotUsed } from '../store/conditions/tenant.ts'
import { notThereYet } from '../store/conditions/any-item.ts'
import { keepKey } from '../store/key-record.ts'
import type { UsedKey } from '../store/key-record.ts'
import { idempotencyKey, permitKey, tenantLeaseKey, timerKey } from '../store/keys.ts'
import { collectableAt, eventItem, leaseItem } from '../store/lease-item.ts'
import { enterQueues } from './move.ts'

/**
 * T1: the lease exists and stands in its queues, with its permit, timer, event and the record of its key; or nothing
 * of it exists. Without a permit only the key is asked about: the transaction then never commits.
 */
export async function enlist(
  ports: Pick<Ports, 'table' | 'chance'>,
  step: Step<PendingLease>,
  key: UsedKey,
  permit: number | undefined,
  alongside: readonly Write[] = [],
): Promise<Outcome> {
  const { lease, event } = step
  if (permit === undefined) {
    const check: Write = {
      kind: 'check',
      key: idempotencyKey(key.owner, key.hash),
      when: keyNotUsed(lease.createdAt),
    }
    const asked = await ports.table.transact(ports.chance.opaque(), [check])
    return asked.committed ? { committed: false, lost: [] } : asked
  }
  const opId = ports.chance.opaque()
  return ports.table.transact(opId, [
    keepKey(key, { lease: lease.id }, lease.createdAt),
    { kind: 'put', item: { ...permitKey(lease.tenant, permit), lease: lease.id }, when: notThereYet },
    { kind: 'put', item: { ...leaseItem(lease), opId }, when: notThereYet },
    { kind: 'put', item: eventItem(lease.id, event, lease.createdAt), when: notThereYet },
    { kind: 'put', item: { ...timerKey(lease.id, lease.timer), lease: lease.id }, when: notThereYet },
    {
      kind: 'put',
      item: { ...tenantLeaseKey(lease.tenant, lease.id), ttl: collectableAt(lease.createdAt) },
      when: notThereYet,
    },
    ...enterQueues(lease),
    ...alongside,
  ])
}
