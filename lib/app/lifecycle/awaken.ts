import type { Ports } from '../ports/ports.ts'
import type { Condition } from '../ports/table.ts'
import { leaseKey } from '../store/keys.ts'

/**
 * Tells a lease's execution that something changed. The token is read after the change was committed, as it may have
 * been stored in between; it is used once and then removed, if it still is the one that was used. Advice only: where
 * it gets lost, a timer finds the lease.
 */
export async function awaken(ports: Pick<Ports, 'table' | 'executions'>, leaseId: string): Promise<void> {
  const item = await ports.table.get(leaseKey(leaseId))
  const token = item?.['taskToken']
  if (typeof token !== 'string') return
  const used: Condition = { name: 'token_used', all: [{ is: 'equal', attribute: 'taskToken', value: token }] }
  await Promise.all([
    ports.executions.awaken(token),
    ports.table.write({ kind: 'update', key: leaseKey(leaseId), set: {}, remove: ['taskToken'], when: used }),
  ])
}
