import type { ActiveLease } from '../../domain/lease.ts'
import type { Cause } from '../../domain/step.ts'
import { extend } from '../../domain/transitions.ts'
import type { Ports } from '../ports/ports.ts'
import type { Outcome } from '../ports/table.ts'
import { extendable } from '../store/conditions/lease.ts'
import { move } from './move.ts'

/** An operator prolongs it. A transition, unlike a renewal, because it is told in the timeline. */
export async function extendTo(
  ports: Pick<Ports, 'table' | 'chance'>,
  lease: ActiveLease,
  { until, reason }: { readonly until: number; readonly reason: string },
  by: Cause,
): Promise<Outcome> {
  const opId = ports.chance.opaque()
  const step = extend(lease, until, reason, by)
  const when = extendable(lease.version, by.now, step.lease.expiresAt)
  return ports.table.transact(opId, move(opId, lease, step, when))
}
