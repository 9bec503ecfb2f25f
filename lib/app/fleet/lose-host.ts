import type { Lease, PendingLease } from '../../domain/lease.ts'
import type { Result } from '../../domain/refusals.ts'
import type { Host, Slot } from '../../domain/slot.ts'
import type { Cause } from '../../domain/step.ts'
import { ATTEMPTS, contended } from '../contention.ts'
import { awaken } from '../lifecycle/awaken.ts'
import { afterHostFailure } from '../lifecycle/host-failure.ts'
import type { Ports } from '../ports/ports.ts'
import { readHost, readLease } from '../store/read.ts'
import { endHolding } from '../transactions/end.ts'
import { changeHost } from './change-host.ts'

type Needs = Pick<Ports, 'table' | 'chance' | 'clock' | 'executions' | 'journal'>

/**
 * T7 for a host that is gone: it gives no leases, and those that it held learn it now instead of at their expiry. What
 * was not yet active goes back to its place in the queue (T6), the rest is broken (T5).
 */
export async function loseHost(ports: Needs, name: string, reason: string, by: Cause): Promise<Result<Host>> {
  const changed = await changeHost(ports, name, { state: 'disabled', reason, lost: true }, by)
  if (changed.ok) await tellHolders(ports, name, by)
  return changed
}

/** Whoever still holds a slot of a lost host; the sweep goes on where others stopped. Answers how many were told. */
export async function tellHolders(ports: Needs, name: string, by: Cause): Promise<number> {
  const { host, slots } = await readHost(ports, name)
  const held = host?.lost ? slots.filter((slot) => slot.state === 'held') : []
  for (const slot of held) await loseHolder(ports, slot, host?.reason ?? 'the host is lost', by)
  return held.length
}

async function loseHolder(
  ports: Needs,
  slot: Extract<Slot, { state: 'held' }>,
  reason: string,
  by: Cause,
): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const lease = await readLease(ports, slot.lease)
    if (!lease || !('epoch' in lease) || lease.epoch !== slot.epoch) return
    if (await toldOfLoss(ports, lease, reason, by)) return awaken(ports, lease.id)
  }
  throw contended(`telling lease ${slot.lease} that its host is lost`)
}

/** True when nothing is left to tell; false where the lease was changed meanwhile. */
async function toldOfLoss(
  ports: Needs,
  lease: Exclude<Lease, PendingLease>,
  reason: string,
  by: Cause,
): Promise<boolean> {
  switch (lease.status) {
    case 'acquired':
      return afterHostFailure(ports, lease, { code: 'host_lost', detail: reason }, by.actor)
    case 'active':
    case 'kept':
      return (await endHolding(ports, lease, 'broken', { reason: 'host_lost', detail: reason }, by)).committed
    case 'released':
    case 'broken':
    case 'destroyed':
      return true
  }
}
