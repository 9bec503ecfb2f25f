import type { Caller } from '../../domain/access.ts'
import type { Lease } from '../../domain/lease.ts'
import { isUsable } from '../../domain/lease.ts'
import type { Result } from '../../domain/refusals.ts'
import { ok } from '../../domain/refusals.ts'
import { ATTEMPTS, contended } from '../contention.ts'
import { awaken } from '../lifecycle/awaken.ts'
import type { Ports } from '../ports/ports.ts'
import { readLease } from '../store/read.ts'
import { extendTo } from '../transactions/extend.ts'
import { lost, noSuchLease, notActive } from './find-lease.ts'

/**
 * An operator lets an active lease last for that long from now, past its hard maximum if need be; who and why stands in
 * its timeline. Its execution is awakened, because the clock of its state was set for the old maximum.
 */
export async function extendLease(
  ports: Pick<Ports, 'table' | 'chance' | 'clock' | 'executions' | 'journal'>,
  caller: Caller,
  id: string,
  { extendBy, reason }: { readonly extendBy: number; readonly reason: string },
): Promise<Result<Lease>> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const lease = await readLease(ports, id)
    if (!lease) return noSuchLease(id)
    const by = { now: ports.clock.now(), actor: caller.principal }
    if (lease.status === 'pending' || lease.status === 'acquired') return notActive(lease)
    if (lease.status !== 'active' || !isUsable(lease, by.now)) return lost(lease)
    const outcome = await extendTo(ports, lease, { until: by.now + extendBy, reason }, by)
    if (!outcome.committed) continue
    await awaken(ports, id)
    const after = await readLease(ports, id)
    return after ? ok(after) : noSuchLease(id)
  }
  throw contended(`extending lease ${id}`)
}
