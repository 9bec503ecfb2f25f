import { leastOf } from '../../domain/catalogue.ts'
import { tooLow } from '../../domain/fitness.ts'
import type { Isolation } from '../../domain/isolation.ts'
import { reaches } from '../../domain/isolation.ts'
import type { AcquiredLease, Ending, Yielded } from '../../domain/lease.ts'
import type { ActiveCopy, PendingCopy } from '../../domain/working-copy.ts'
import type { HostAnswer } from '../ports/hosts.ts'
import type { Ports } from '../ports/ports.ts'
import { blueprintOf } from '../store/catalogue-item.ts'
import { leaseUnchanged } from '../store/conditions/lease.ts'
import { blueprintKey, leaseKey } from '../store/keys.ts'
import { endHolding } from '../transactions/end.ts'
import { afterHostFailure } from './host-failure.ts'
import { endOverdue } from './overdue.ts'
import { reclaim } from './reclaim.ts'

type Needs = Pick<Ports, 'table' | 'chance' | 'clock' | 'executions' | 'journal'>
export type Trouble = Exclude<HostAnswer<unknown>, { kind: 'done' }>

export type NotActive = { readonly route: 'YIELD'; readonly seconds: number } | { readonly route: 'DECIDE' }

const ACTOR = 'execution'
const LONGEST_YIELD = 15

/**
 * Decides whose fault it is that an activation did not come to its end, and writes that down before it answers.
 * `request`: broken at once. `remote` and busy: again later on the same slot. `host`: elsewhere; a full disk only
 * when nothing idle is left on it that could make room. `copy`: what the host failed to make.
 */
export async function afterTrouble(
  ports: Needs,
  lease: AcquiredLease,
  trouble: Trouble,
  copy?: PendingCopy | ActiveCopy,
): Promise<NotActive> {
  switch (trouble.kind) {
    case 'busy':
      return yieldFor(ports, lease, 'none', trouble.detail)
    case 'refused':
      if (trouble.code === 'opening') return yieldFor(ports, lease, 'none', trouble.detail)
      await afterHostFailure(ports, lease, { code: `refused_${trouble.code}`, detail: trouble.detail }, ACTOR)
      return { route: 'DECIDE' }
    case 'failed': {
      const detail = `${trouble.code}: ${trouble.detail}`
      if (trouble.fault === 'request') return breakRequest(ports, lease, { detail })
      if (trouble.fault === 'remote') return yieldFor(ports, lease, 'remote', detail)
      if (trouble.code === 'disk_full' && (await reclaim(ports, lease.slot))) {
        return yieldFor(ports, lease, 'none', 'idle working copies are removed to make room')
      }
      await afterHostFailure(ports, lease, { code: trouble.code, detail: trouble.detail }, ACTOR, copy)
      return { route: 'DECIDE' }
    }
  }
}

/**
 * The slot was opened at a level below the one that the lease was promised. Most often its host has lost a level, and
 * must not be given to the next one; else operators have lowered what the pool asks for since the lease was made.
 */
export async function afterLowLevel(
  ports: Needs,
  lease: AcquiredLease,
  reached: Isolation,
): Promise<NotActive> {
  const pool = await ports.table.get(blueprintKey(lease.slot.pool))
  const { code, detail } = tooLow(reached, lease.leastIsolation)
  if (pool && reaches(reached, leastOf(blueprintOf(pool)))) {
    const by = { now: ports.clock.now(), actor: ACTOR }
    const why = { reason: 'activation_failed', detail: `${code}: ${detail}` } as const
    await endHolding(ports, lease, 'broken', why, by)
  } else await afterHostFailure(ports, lease, { code, detail }, ACTOR)
  return { route: 'DECIDE' }
}

/** What was asked for cannot be had: the host is blameless, another one would not help. */
export async function breakRequest(
  ports: Needs,
  lease: AcquiredLease,
  why: Pick<Ending, 'detail' | 'conflict'>,
): Promise<NotActive> {
  const by = { now: ports.clock.now(), actor: ACTOR }
  await endHolding(ports, lease, 'broken', { reason: 'request_failed', ...why }, by)
  return { route: 'DECIDE' }
}

/**
 * "Not yet": to be called again after 1 s growing to 15 s, within the activation deadline and as often as the
 * blueprint allows. The table counts, as an execution may be a new one each time; whose fault it is, is kept for the
 * verdict.
 */
export async function yieldFor(
  ports: Needs,
  lease: AcquiredLease,
  fault: Yielded['fault'],
  detail: string,
): Promise<NotActive> {
  const count = (lease.yielded?.count ?? 0) + 1
  const yielded: Yielded = { fault, detail, count }
  if (count > lease.yields) {
    await endOverdue(ports, { ...lease, yielded }, ACTOR)
    return { route: 'DECIDE' }
  }
  const stored = await ports.table.write({
    kind: 'update',
    key: leaseKey(lease.id),
    set: { yielded: { ...yielded } },
    when: leaseUnchanged(lease.version, 'acquired'),
  })
  if (!stored.committed) return { route: 'DECIDE' }
  const left = Math.max(1, Math.ceil((lease.activationDeadline - ports.clock.now()) / 1_000))
  return { route: 'YIELD', seconds: Math.min(LONGEST_YIELD, left, Math.ceil(1.5 ** (count - 1))) }
}
