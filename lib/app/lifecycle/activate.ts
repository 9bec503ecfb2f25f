import type { AcquiredLease, Receipt } from '../../domain/lease.ts'
import { routeOf } from '../../domain/route.ts'
import type { Host, Slot } from '../../domain/slot.ts'
import type { HostAnswer, SlotRef } from '../ports/hosts.ts'
import type { Ports } from '../ports/ports.ts'
import { repositoryOf } from '../store/catalogue-item.ts'
import { leaseUnchanged } from '../store/conditions.ts'
import { hostKey, leaseKey, repositoryKey, slotKey } from '../store/keys.ts'
import { readLease } from '../store/read.ts'
import { hostOf, slotOf } from '../store/slot-item.ts'
import { makeActive } from '../transactions/activated.ts'
import { endHolding } from '../transactions/end.ts'
import type { DecidedRoute } from './decide.ts'
import { afterHostFailure, clearFailures } from './host-failure.ts'

type Needs = Pick<Ports, 'table' | 'chance' | 'clock' | 'executions' | 'hosts' | 'journal'>

export type ActivateRoute =
  | DecidedRoute
  | { readonly route: 'YIELD'; readonly seconds: number }
  | { readonly route: 'DECIDE' }

const ACTOR = 'execution'
/** A checkout that takes longer goes on by itself, and is asked for again. Seconds. */
const CHECKOUT_SLICE = 20
const FETCH_TIMEOUT = 3_600

/**
 * Makes the lease's slot ready and the lease active (T4), or says when to be called again, or decides whose fault a
 * failure is and writes that down before it answers.
 */
export async function activateLease(ports: Needs, leaseId: string, yields: number): Promise<ActivateRoute> {
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
  if (opened.kind !== 'done') return afterTrouble(ports, lease, opened, yields)
  if (!lease.checkout) return activated(ports, lease, host, undefined)

  if (!repositoryItem) {
    return broken(ports, lease, `repository ${lease.checkout.repository} is not registered any more`)
  }
  const { url, allowFile } = repositoryOf(repositoryItem)
  const checkout = await ports.hosts.checkout(host, ref, {
    ...lease.checkout,
    url,
    allowFile,
    fetchTimeoutSeconds: Math.min(FETCH_TIMEOUT, Math.ceil(lease.activationTime / 1_000)),
    waitSeconds: CHECKOUT_SLICE,
  })
  if (checkout.kind !== 'done') return afterTrouble(ports, lease, checkout, yields)
  if (checkout.value.state === 'running') return yieldFor(ports, lease, yields, 'none', checkout.value.phase)
  return activated(ports, lease, host, checkout.value.receipt)
}

async function activated(
  ports: Needs,
  lease: AcquiredLease,
  host: Host,
  receipt: Receipt | undefined,
): Promise<ActivateRoute> {
  const now = ports.clock.now()
  const { outcome, lease: active } = await makeActive(ports, lease, receipt, { now, actor: ACTOR })
  if (!outcome.committed) return { route: 'DECIDE' }
  await clearFailures(ports, host.name, host.failuresInARow)
  const route = routeOf(active, now)
  return route.route === 'OVERDUE' ? { route: 'DECIDE' } : route
}

/** `request`: broken at once. `remote` and busy: again later on the same slot. `host`: elsewhere. */
async function afterTrouble(
  ports: Needs,
  lease: AcquiredLease,
  answer: Exclude<HostAnswer<unknown>, { kind: 'done' }>,
  yields: number,
): Promise<ActivateRoute> {
  switch (answer.kind) {
    case 'busy':
      return yieldFor(ports, lease, yields, 'none', answer.detail)
    case 'refused':
      if (answer.code === 'opening') return yieldFor(ports, lease, yields, 'none', answer.detail)
      await afterHostFailure(ports, lease, { code: `refused_${answer.code}`, detail: answer.detail }, ACTOR)
      return { route: 'DECIDE' }
    case 'failed':
      if (answer.fault === 'request') return broken(ports, lease, `${answer.code}: ${answer.detail}`)
      if (answer.fault === 'remote')
        return yieldFor(ports, lease, yields, 'remote', `${answer.code}: ${answer.detail}`)
      await afterHostFailure(ports, lease, { code: answer.code, detail: answer.detail }, ACTOR)
      return { route: 'DECIDE' }
  }
}

async function broken(ports: Needs, lease: AcquiredLease, detail: string): Promise<ActivateRoute> {
  const by = { now: ports.clock.now(), actor: ACTOR }
  await endHolding(ports, lease, 'broken', { reason: 'request_failed', detail }, by)
  return { route: 'DECIDE' }
}

/** 1 s growing to 15 s, within the activation deadline. Whose fault it is, is kept for the deadline's verdict. */
async function yieldFor(
  ports: Needs,
  lease: AcquiredLease,
  yields: number,
  fault: 'remote' | 'none',
  detail: string,
): Promise<ActivateRoute> {
  await ports.table.write({
    kind: 'update',
    key: leaseKey(lease.id),
    set: { yielded: { fault, detail } },
    when: leaseUnchanged(lease.version, 'acquired'),
  })
  const left = Math.max(1, Math.ceil((lease.activationDeadline - ports.clock.now()) / 1_000))
  return { route: 'YIELD', seconds: Math.min(15, left, Math.ceil(1.5 ** yields)) }
}

const holds = (slot: Slot | undefined, lease: AcquiredLease): slot is Slot & { readonly nonce: string } =>
  slot?.state === 'held' && slot.lease === lease.id && slot.epoch === lease.epoch && slot.nonce !== null
