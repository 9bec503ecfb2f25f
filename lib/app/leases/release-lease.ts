import type { Caller } from '../../domain/access.ts'
import { isHolder, isOperator, mayRead } from '../../domain/access.ts'
import type { Lease, Reason } from '../../domain/lease.ts'
import type { Result } from '../../domain/refusals.ts'
import { ok, refuse } from '../../domain/refusals.ts'
import { ATTEMPTS, contended } from '../contention.ts'
import { awaken } from '../lifecycle/awaken.ts'
import type { Ports } from '../ports/ports.ts'
import { readLease } from '../store/read.ts'
import { endHolding, endWaiting } from '../transactions/end.ts'
import { noSuchLease } from './find-lease.ts'

export type HolderOutcome = 'ok' | 'failed' | 'host_suspect'

/**
 * T5 by the holder or an operator: gives a lease back, or takes it out of its queue. What has ended already stays as
 * it is; the answer is the same.
 */
export async function releaseLease(
  ports: Pick<Ports, 'table' | 'chance' | 'clock' | 'executions' | 'journal'>,
  caller: Caller,
  id: string,
  outcome: HolderOutcome,
): Promise<Result<Lease>> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const lease = await readLease(ports, id)
    if (!lease || !mayRead(caller, lease)) return noSuchLease(id)
    if (!isHolder(caller, lease) && !isOperator(caller)) {
      return refuse('not_authorized', 'Only the lease token or an operator releases a lease.', {
        leaseId: id,
      })
    }
    if (lease.status !== 'pending' && lease.status !== 'acquired' && lease.status !== 'active')
      return ok(lease)
    const now = ports.clock.now()
    const by = { now, actor: caller.principal }
    const reason = reasonOf(caller, lease, now)
    const ended =
      lease.status === 'pending'
        ? await endWaiting(ports, lease, { reason: reason === 'operator' ? reason : 'cancelled' }, by)
        : await endHolding(ports, lease, 'released', { reason, ...said(outcome) }, by)
    if (!ended.committed) continue
    await awaken(ports, id)
    const after = await readLease(ports, id)
    return after ? ok(after) : noSuchLease(id)
  }
  throw contended(`releasing lease ${id}`)
}

const reasonOf = (caller: Caller, lease: Lease, now: number): Reason => {
  if (lease.status === 'active' && now >= lease.expiresAt) return 'expired'
  return isHolder(caller, lease) ? 'released' : 'operator'
}

const said = (outcome: HolderOutcome) => (outcome === 'ok' ? {} : { detail: `its holder said: ${outcome}` })
