import { routeOf } from '../../domain/route.ts'
import type { LivingLease } from '../../domain/lease.ts'
import { TIMERS } from '../../domain/limits.ts'
import { matchWaiter } from '../allocation/match.ts'
import { ensureCommands } from '../commands/ensure-commands.ts'
import { awaken } from '../lifecycle/awaken.ts'
import { finalizeLease } from '../lifecycle/finalize.ts'
import { endOverdue } from '../lifecycle/overdue.ts'
import type { Ports } from '../ports/ports.ts'
import { leaseUnchanged } from '../store/conditions/lease.ts'
import { leaseKey } from '../store/keys.ts'
import { readLease } from '../store/read.ts'
import { retime } from '../transactions/move.ts'

type Needs = Pick<Ports, 'table' | 'chance' | 'clock' | 'executions' | 'journal'>

/** What a look at one lease did. */
export type Repaired = 'nothing' | 'gone' | 'ended' | 'restarted'

const ACTOR = 'repair'

/**
 * Puts one lease right, whatever happened to whoever worked on it; harmless where nothing did. Deadlines that passed
 * are acted on, an execution is made sure of and told, and the timer is set for the next look.
 */
export async function repair(ports: Needs, leaseId: string): Promise<Repaired> {
  const lease = await readLease(ports, leaseId)
  if (!lease) return 'gone'
  if (lease.status === 'destroyed') {
    await ensureCommands(ports, lease)
    return 'gone'
  }
  const now = ports.clock.now()
  if (routeOf(lease, now).route === 'OVERDUE') {
    const ended = await endOverdue(ports, lease, ACTOR)
    await ports.executions.ensureLease(leaseId)
    await awaken(ports, leaseId)
    return ended ? 'ended' : 'nothing'
  }
  switch (lease.status) {
    case 'pending':
      await ports.executions.ensureLease(leaseId)
      for (const [pool, own] of Object.entries(lease.waiters)) await matchWaiter(ports, pool, own, ACTOR)
      await rearm(ports, lease, lease.waitDeadline)
      return 'nothing'
    case 'acquired':
      await ports.executions.ensureLease(leaseId)
      await awaken(ports, leaseId)
      await rearm(ports, lease, Math.min(now + TIMERS.step, lease.activationDeadline))
      return 'restarted'
    case 'active':
      await ports.executions.ensureLease(leaseId)
      await ensureCommands(ports, lease)
      await rearm(ports, lease, lease.expiresAt + TIMERS.step)
      return 'nothing'
    case 'kept':
      await ports.executions.ensureLease(leaseId)
      await rearm(ports, lease, lease.holdUntil + TIMERS.step)
      return 'nothing'
    case 'released':
    case 'broken':
      if (now >= lease.endedAt + TIMERS.cleaning) {
        await finalizeLease(ports, leaseId, false)
        return 'ended'
      }
      await ports.executions.ensureLease(leaseId)
      await awaken(ports, leaseId)
      await rearm(ports, lease, now + TIMERS.step)
      return 'restarted'
  }
}

/** Sets the timer of a lease that is still as it was read; whoever changed it has set its own. No transition. */
async function rearm(ports: Needs, lease: LivingLease, due: number): Promise<void> {
  if (lease.timer === due) return
  await ports.table.transact(ports.chance.opaque(), rearmed(lease, due))
}

const rearmed = (lease: LivingLease, due: number) => [
  {
    kind: 'update' as const,
    key: leaseKey(lease.id),
    set: { timer: due },
    when: leaseUnchanged(lease.version, lease.status),
  },
  ...retime(lease, due),
]
