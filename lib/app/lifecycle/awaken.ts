import type { Ports } from '../ports/ports.ts'
import { tokenUnused } from '../store/conditions/lease.ts'
import { leaseKey } from '../store/keys.ts'

/**
 * Tells a lease's execution that something changed. The token is read after the change was committed, as it may have
 * been stored in between; it is removed once it was used, if it still is the one that was used. Advice only: where it
 * cannot be given the token stays, and a timer finds the lease.
 */
export async function awaken(
  ports: Pick<Ports, 'table' | 'executions' | 'journal'>,
  leaseId: string,
): Promise<void> {
  const key = leaseKey(leaseId)
  const token = (await ports.table.get(key))?.['taskToken']
  if (typeof token !== 'string') return
  try {
    await ports.executions.awaken(token)
  } catch (error) {
    ports.journal.warn('an execution could not be awakened', { leaseId, fault: String(error) })
    return
  }
  await ports.table.write({ kind: 'update', key, set: {}, remove: ['taskToken'], when: tokenUnused(token) })
}
