import type { Lease } from '../../domain/lease.ts'
import type { Ports } from '../ports/ports.ts'
import { tokenUnused } from '../store/conditions/lease.ts'
import { leaseKey } from '../store/keys.ts'
import { leaseOf } from '../store/lease-item.ts'
import { tellOwner } from './tell-work.ts'

/** Nobody waits for it any more. */
const SETTLED: ReadonlySet<unknown> = new Set<Lease['status']>([
  'active',
  'kept',
  'released',
  'broken',
  'destroyed',
])

/**
 * Tells a lease's execution that something changed, and the work that made the lease once that can use it or has lost it. The token is read after the change was committed, as it may have
 * been stored in between; it is removed once it was used, if it still is the one that was used. Advice only: where it
 * cannot be given the token stays, and a timer finds the lease.
 */
export async function awaken(
  ports: Pick<Ports, 'table' | 'executions' | 'journal'>,
  leaseId: string,
): Promise<void> {
  const key = leaseKey(leaseId)
  const item = await ports.table.get(key)
  if (item && SETTLED.has(item['status'])) await tellOwner(ports, leaseOf(item))
  const token = item?.['taskToken']
  if (typeof token !== 'string') return
  try {
    await ports.executions.awaken(token)
  } catch (error) {
    ports.journal.warn('an execution could not be awakened', { leaseId, fault: String(error) })
    return
  }
  await ports.table.write({ kind: 'update', key, set: {}, remove: ['taskToken'], when: tokenUnused(token) })
}
