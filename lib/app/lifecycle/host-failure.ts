import type { AcquiredLease, HostFailure } from '../../domain/lease.ts'
import { FAILURES, TRIES } from '../../domain/limits.ts'
import type { Cause } from '../../domain/step.ts'
import { matchWaiter } from '../allocation/match.ts'
import type { ActiveCopy, PendingCopy } from '../../domain/working-copy.ts'
import type { Ports } from '../ports/ports.ts'
import { quarantine } from '../fleet/quarantine.ts'
import { failuresAre } from '../store/conditions/fleet.ts'
import { hostKey } from '../store/keys.ts'
import { hostOf } from '../store/slot-item.ts'
import { endHolding } from '../transactions/end.ts'
import { giveBack } from '../transactions/requeue.ts'

type Needs = Pick<Ports, 'table' | 'chance' | 'clock' | 'executions' | 'journal'>

/**
 * An activation failed by its host's fault: the lease tries another slot from the same place in the queue (T6), and
 * after the last try it breaks with a verdict that names each host (T5). The host's failures in a row are counted;
 * one that keeps failing is quarantined, so that it does not draw in one lease after the other.
 * False where somebody else had changed the lease.
 */
export async function afterHostFailure(
  ports: Needs,
  lease: AcquiredLease,
  failure: { readonly code: string; readonly detail: string },
  actor: string,
  copy?: PendingCopy | ActiveCopy,
): Promise<boolean> {
  const by = { now: ports.clock.now(), actor }
  const named = { host: lease.slot.host, ...failure }
  const failures = [...lease.failures, named]
  const counted = failures.filter(counts)
  if (counted.length >= TRIES) {
    const detail = failures.map((one) => `${one.host}: ${one.code} (${one.detail})`).join('; ')
    const broken = await endHolding(ports, lease, 'broken', { reason: 'activation_failed', detail }, by, copy)
    if (broken.committed && counted.includes(named)) await countFailure(ports, named, by)
    return broken.committed
  }
  const requeued = await giveBack(ports, lease, named, by, copy)
  if (!requeued.committed) return false
  if (counted.includes(named)) await countFailure(ports, named, by)
  await ports.executions.cleanSlot(lease.slot.host, lease.slot.number, lease.epoch)
  for (const [pool, own] of Object.entries(lease.waiters)) await matchWaiter(ports, pool, own, actor)
  return true
}

/**
 * After a reboot every slot of a host is unknown to it until it is cleaned: that is one event, not a try for each. A
 * host that knows no slot even after its cleaning has no such excuse.
 */
const counts = ({ host, code }: HostFailure, index: number, all: readonly HostFailure[]): boolean =>
  code !== 'refused_unknown' ||
  all.slice(0, index).some((before) => before.host === host && before.code === code)

/** Beside the transaction, as all slots of a host share the count (ADR 014): one of two that race may be lost. */
export async function countFailure(ports: Needs, failure: HostFailure, by: Cause): Promise<void> {
  const item = await ports.table.get(hostKey(failure.host))
  const host = item && hostOf(item)
  if (!host) return
  const count = host.failuresInARow + 1
  await ports.table.write({
    kind: 'update',
    key: hostKey(host.name),
    set: { failuresInARow: count },
    when: failuresAre(host.failuresInARow),
  })
  if (count < FAILURES || host.state !== 'active') return
  const reason = `${count} leases in a row failed on it, the last one: ${failure.code} (${failure.detail})`
  await quarantine(ports, host.name, reason, by)
}

/** The host works: its failures in a row are over. Costs a write only when there were some. */
export async function clearFailures(ports: Pick<Ports, 'table'>, host: string, count: number): Promise<void> {
  if (count === 0) return
  await ports.table.write({
    kind: 'update',
    key: hostKey(host),
    set: { failuresInARow: 0 },
    when: failuresAre(count),
  })
}
