import type { Caller } from '../../domain/access.ts'
import type { Lease } from '../../domain/lease.ts'
import { isUsable } from '../../domain/lease.ts'
import type { Result } from '../../domain/refusals.ts'
import { ok, refuse } from '../../domain/refusals.ts'
import { ATTEMPTS, contended } from '../contention.ts'
import { awaken } from '../lifecycle/awaken.ts'
import type { Ports } from '../ports/ports.ts'
import { renewable } from '../store/conditions/lease.ts'
import { leaseKey } from '../store/keys.ts'
import { heldLease, lost, notActive } from './find-lease.ts'

/**
 * Prolongs an active lease to `ttl` from now, or to its hard maximum; never shortens it. One conditional update; the
 * timer is not moved (the sweep re-arms it) and the execution is told afterwards.
 */
export async function renewLease(
  ports: Pick<Ports, 'table' | 'clock' | 'executions' | 'journal'>,
  caller: Caller,
  id: string,
  ttl?: number,
): Promise<Result<Lease>> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const found = await heldLease(ports, caller, id)
    if (!found.ok) return found
    const lease = found.value
    const now = ports.clock.now()
    if (lease.status === 'pending' || lease.status === 'acquired') return notActive(lease)
    if (!isUsable(lease, now)) return lost(lease)
    if (ttl !== undefined && ttl > lease.ttl) {
      return refuse('past_maximum', 'A renewal cannot be longer than the ttl that was granted.', {
        leaseId: id,
        hints: { ttlSeconds: Math.floor(lease.ttl / 1_000) },
      })
    }
    const until = Math.min(now + (ttl ?? lease.ttl), lease.maxExpiresAt)
    if (lease.expiresAt >= lease.maxExpiresAt) {
      return refuse('past_maximum', 'The lease already lasts until its hard maximum.', { leaseId: id })
    }
    if (until <= lease.expiresAt) return ok(lease)
    const outcome = await ports.table.write({
      kind: 'update',
      key: leaseKey(id),
      set: { expiresAt: until },
      when: renewable(now, until),
    })
    if (!outcome.committed) continue
    await tell(ports, lease, until - now)
    return ok({ ...lease, expiresAt: until })
  }
  throw contended(`renewing lease ${id}`)
}

/**
 * A heartbeat restarts a clock that was set for the whole ttl. A shorter renewal (the last one before the hard maximum)
 * would then end late: the execution is awakened instead, and sets its clock anew.
 */
async function tell(
  ports: Pick<Ports, 'table' | 'executions' | 'journal'>,
  lease: Extract<Lease, { status: 'active' }>,
  left: number,
): Promise<void> {
  if (left < lease.ttl) await awaken(ports, lease.id)
  else if (lease.taskToken !== undefined) await ports.executions.heartbeat(lease.taskToken)
}
