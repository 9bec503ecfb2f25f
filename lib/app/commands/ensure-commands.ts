import type { Lease } from '../../domain/lease.ts'
import type { Ports } from '../ports/ports.ts'
import { commandKey } from '../store/keys.ts'
import { commandOf } from './command.ts'

/**
 * Each command of the lease that has not ended has somebody who follows it: to its end, or to the end of its lease,
 * which it then records, forgetting the values of its environment.
 */
export async function ensureCommands(
  ports: Pick<Ports, 'table' | 'executions'>,
  lease: Pick<Lease, 'id' | 'commands'>,
): Promise<void> {
  if (lease.commands === 0) return
  const { PK, SK: from } = commandKey(lease.id, 0)
  const { SK: to } = commandKey(lease.id, lease.commands)
  const items = await ports.table.query({ PK, from, to, limit: lease.commands + 1 })
  for (const command of items.map(commandOf)) {
    if (command.status !== 'ended') await ports.executions.ensureCommand(lease.id, command.number)
  }
}
