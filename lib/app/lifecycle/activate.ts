import { reaches } from '../../domain/isolation.ts'
import type { AcquiredLease } from '../../domain/lease.ts'
import { routeOf } from '../../domain/route.ts'
import type { HeldSlot, Host, Slot } from '../../domain/slot.ts'
import { relieveDisk } from '../copies/relieve-disk.ts'
import type { SlotRef } from '../ports/hosts.ts'
import type { Ports } from '../ports/ports.ts'
import { repositoryOf } from '../store/catalogue-item.ts'
import { hostKey, repositoryKey, slotKey } from '../store/keys.ts'
import { readLease } from '../store/read.ts'
import { hostOf, slotOf } from '../store/slot-item.ts'
import type { Ready } from '../transactions/activated.ts'
import { makeActive } from '../transactions/activated.ts'
import { endHolding } from '../transactions/end.ts'
import type { NotActive } from './activation-trouble.ts'
import { afterLowLevel, afterTrouble, breakRequest, yieldFor } from './activation-trouble.ts'
import type { DecidedRoute } from './decide.ts'
import { clearFailures } from './host-failure.ts'
import { prepareCopy } from './prepare-copy.ts'
import { tellOwner } from './tell-work.ts'

type Needs = Pick<Ports, 'table' | 'chance' | 'clock' | 'executions' | 'hosts' | 'journal'>

export type ActivateRoute = DecidedRoute | NotActive

const ACTOR = 'execution'
/** A checkout that takes longer goes on by itself, and is asked for again. Seconds. */
const CHECKOUT_SLICE = 20
const FETCH_TIMEOUT = 3_600

/** Makes the lease's slot ready and the lease active (T4), or says when to be called again. */
export async function activateLease(ports: Needs, leaseId: string): Promise<ActivateRoute> {
  const lease = await readLease(ports, leaseId)
  if (lease?.status !== 'acquired' || ports.clock.now() >= lease.activationDeadline)
    return { route: 'DECIDE' }
  const { host: name, number } = lease.slot
  const [hostItem, slotItem, repositoryItem] = await ports.table.getAll([
    hostKey(name),
    slotKey(name, number),
    ...(lease.checkout ? [repositoryKey(lease.checkout.repository)] : []),
  ])
  const host = hostItem && hostOf(hostItem)
  const held = slotItem && slotOf(slotItem)
  if (!host || !holds(held, lease)) {
    const why = { reason: 'host_lost', detail: 'its slot is not its own any more' } as const
    await endHolding(ports, lease, 'broken', why, { now: ports.clock.now(), actor: ACTOR })
    return { route: 'DECIDE' }
  }
  const ref: SlotRef = { slot: number, nonce: held.nonce, epoch: lease.epoch }
  const opened = await ports.hosts.open(host, ref)
  if (opened.kind !== 'done') return afterTrouble(ports, lease, opened)
  const { isolation } = opened.value
  if (!reaches(isolation, lease.leastIsolation)) return afterLowLevel(ports, lease, isolation)
  if (!lease.checkout) return activated(ports, lease, host, { isolation })

  if (!repositoryItem) {
    return breakRequest(ports, lease, `repository ${lease.checkout.repository} is not registered any more`)
  }
  const { url, allowFile } = repositoryOf(repositoryItem)
  // Nothing that untrusted code may have touched is used again for who is trusted.
  const fresh = held.tainted === true && !lease.untrusted
  const prepared = await prepareCopy(ports, host, ref, lease, lease.checkout, fresh)
  if (prepared.kind === 'moved') return { route: 'DECIDE' }
  if (prepared.kind !== 'done') return afterTrouble(ports, lease, prepared)
  const checkout = await ports.hosts.checkout(host, ref, {
    ...lease.checkout,
    url,
    allowFile,
    fetchTimeoutSeconds: Math.min(FETCH_TIMEOUT, Math.ceil(lease.activationTime / 1_000)),
    waitSeconds: CHECKOUT_SLICE,
  })
  if (checkout.kind !== 'done') return afterTrouble(ports, lease, checkout, prepared.value.own)
  if (checkout.value.state === 'running') return yieldFor(ports, lease, 'none', checkout.value.phase)
  const { receipt, disk } = checkout.value
  const made = { receipt, ...prepared.value, rebuilt: fresh }
  const route = await activated(ports, lease, host, { isolation, made })
  if (disk) await relieveDisk(ports, host.name, disk)
  return route
}

async function activated(
  ports: Needs,
  lease: AcquiredLease,
  host: Host,
  ready: Ready,
): Promise<ActivateRoute> {
  const now = ports.clock.now()
  const { suspicionsInARow = 0, suspicions = 0 } = host
  const suspected = suspicionsInARow > 0 ? { suspicions } : {}
  const by = { now, actor: ACTOR }
  const { outcome, lease: active } = await makeActive(ports, lease, { ...ready, ...suspected }, by)
  if (!outcome.committed) return { route: 'DECIDE' }
  await tellOwner(ports, lease)
  await clearFailures(ports, host)
  const route = routeOf(active, now)
  return route.route === 'OVERDUE' ? { route: 'DECIDE' } : route
}

const holds = (slot: Slot | undefined, lease: AcquiredLease): slot is HeldSlot & { readonly nonce: string } =>
  slot?.state === 'held' && slot.lease === lease.id && slot.epoch === lease.epoch && slot.nonce !== null
