import type { AcquiredLease, HostFailure } from '../../domain/lease.ts'
import { FAILURES, TRIES } from '../../domain/limits.ts'
import type { Host } from '../../domain/slot.ts'
import type { Cause } from '../../domain/step.ts'
import { matchWaiter } from '../allocation/match.ts'
import type { ActiveCopy, PendingCopy } from '../../domain/working-copy.ts'
import type { Ports } from '../ports/ports.ts'
import { isDecisive } from '../fleet/examine-host.ts'
import { quarantine } from '../fleet/quarantine.ts'
import { countAgainst, forgive } from '../fleet/tally.ts'
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

/**
 * Counted beside the transaction (ADR 014). A host that keeps failing is quarantined, one that is not who it should be at
 * once; any other is probed before its next lease comes to it.
 */
export async function countFailure(ports: Needs, failure: HostFailure, by: Cause): Promise<void> {
  const host = await countAgainst(ports, failure.host, 'failures')
  if (host?.state !== 'active') return
  const { code, detail } = failure
  const count = host.failuresInARow
  if (isDecisive(code)) return quarantine(ports, host.name, `${code}: ${detail}`, by)
  if (count >= FAILURES) {
    const reason = `${count} leases in a row failed on it, the last one: ${code} (${detail})`
    return quarantine(ports, host.name, reason, by)
  }
  await ports.executions.probeHost(host.name, `f${host.failures}`)
}

/** A holder suspects the host of its lease: as above, but only holders who were content end that row. */
export async function countSuspicion(ports: Needs, name: string, by: Cause): Promise<void> {
  const host = await countAgainst(ports, name, 'suspicions')
  if (host?.state !== 'active') return
  const count = host.suspicionsInARow ?? 0
  if (count >= FAILURES) return quarantine(ports, name, `${count} holders in a row suspect it`, by)
  await ports.executions.probeHost(name, `s${host.suspicions}`)
}

/** The host has made a lease ready: the failures before that are over. Costs a write only where there were some. */
export async function clearFailures(ports: Needs, host: Host): Promise<void> {
  if (host.failuresInARow === 0 && !host.relapses) return
  await forgive(ports, host.name, 'failures', host.failures ?? 0)
}
