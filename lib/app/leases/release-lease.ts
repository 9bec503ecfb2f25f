import type { Caller } from '../../domain/access.ts'
import { isHolder, isOperator, mayRead } from '../../domain/access.ts'
import { isHolding } from '../../domain/lease.ts'
import type {
  AcquiredLease,
  ActiveLease,
  KeptLease,
  Lease,
  PendingLease,
  Reason,
} from '../../domain/lease.ts'
import type { Result } from '../../domain/refusals.ts'
import { ok, refuse } from '../../domain/refusals.ts'
import type { Cause } from '../../domain/step.ts'
import { ATTEMPTS, contended } from '../contention.ts'
import { restorePlaces } from '../allocation/restore-places.ts'
import { forgive } from '../fleet/tally.ts'
import { countSuspicion } from '../lifecycle/host-failure.ts'
import { awaken } from '../lifecycle/awaken.ts'
import type { Ports } from '../ports/ports.ts'
import type { Outcome } from '../ports/table.ts'
import { readLease } from '../store/read.ts'
import { endHolding, endWaiting } from '../transactions/end.ts'
import { keepLease } from '../transactions/keep.ts'
import { noSuchLease } from './find-lease.ts'

export type HolderOutcome = 'ok' | 'failed' | 'host_suspect'

/**
 * T5 by the holder or an operator: gives a lease back, or takes it out of its queue; or T5k, where its holder says that
 * it failed and asked for that. What has ended already stays as it is; the answer is the same.
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
    if (lease.status === 'released' || lease.status === 'broken' || lease.status === 'destroyed')
      return ok(lease)
    // The same again, as its answer was lost: it stays for the look that was asked for.
    if (lease.status === 'kept' && outcome === 'failed' && isHolder(caller, lease)) return ok(lease)
    const by = { now: ports.clock.now(), actor: caller.principal }
    const ended = await end(ports, lease, { outcome, reason: reasonOf(caller, lease, by.now) }, by)
    if (!ended.committed) continue
    if (isHolder(caller, lease)) await judgeHost(ports, lease, outcome, by)
    await awaken(ports, id)
    const after = await readLease(ports, id)
    return after ? ok(after) : noSuchLease(id)
  }
  throw contended(`releasing lease ${id}`)
}

/** A failed one stays for a look where that was asked for; released once more, it is over. */
async function end(
  ports: Pick<Ports, 'table' | 'chance' | 'journal'>,
  lease: PendingLease | AcquiredLease | ActiveLease | KeptLease,
  { outcome, reason }: { readonly outcome: HolderOutcome; readonly reason: Reason },
  by: Cause,
): Promise<Outcome> {
  if (lease.status === 'pending') {
    const why = { reason: reason === 'operator' ? reason : 'cancelled' } as const
    const ended = await endWaiting(ports, lease, why, by)
    await restorePlaces(ports, lease, ended)
    return ended
  }
  if (
    lease.status === 'active' &&
    outcome === 'failed' &&
    lease.keepFor !== undefined &&
    reason === 'released'
  ) {
    return keepLease(ports, lease, lease.keepFor, by)
  }
  return endHolding(ports, lease, 'released', { reason, ...said(outcome) }, by)
}

/** Three holders in a row who suspect a host quarantine it; one who is content ends the row. */
async function judgeHost(
  ports: Parameters<typeof countSuspicion>[0],
  lease: Lease,
  outcome: HolderOutcome,
  by: Cause,
): Promise<void> {
  // Who is not trusted does not take hosts out of service, nor speaks for them.
  if (!isHolding(lease) || lease.untrusted) return
  if (outcome === 'host_suspect') return countSuspicion(ports, lease.slot.host, by)
  if (outcome !== 'ok' || lease.status !== 'active' || lease.suspicions === undefined) return
  await forgive(ports, lease.slot.host, 'suspicions', lease.suspicions)
}

const reasonOf = (caller: Caller, lease: Lease, now: number): Reason => {
  if (lease.status === 'active' && now >= lease.expiresAt) return 'expired'
  return isHolder(caller, lease) ? 'released' : 'operator'
}

const said = (outcome: HolderOutcome) => (outcome === 'ok' ? {} : { detail: `its holder said: ${outcome}` })
