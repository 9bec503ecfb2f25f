import type { ActiveLease } from '../../domain/lease.ts'
import type { Cause } from '../../domain/step.ts'
import { keep } from '../../domain/transitions.ts'
import type { Ports } from '../ports/ports.ts'
import type { Outcome } from '../ports/table.ts'
import { move } from './move.ts'

/** T5k: over for its holder's job, but slot and working copy stay as they are for a look. */
export async function keepLease(
  ports: Pick<Ports, 'table' | 'chance'>,
  lease: ActiveLease,
  keepFor: number,
  by: Cause,
): Promise<Outcome> {
  const opId = ports.chance.opaque()
  return ports.table.transact(opId, move(opId, lease, keep(lease, keepFor, by)))
}
