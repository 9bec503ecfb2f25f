import { reaches } from '../../domain/isolation.ts'
import type { AcquiredLease, MergeConflict } from '../../domain/lease.ts'
import { routeOf } from '../../domain/route.ts'
import type { HeldSlot, Host, Slot } from '../../domain/slot.ts'
import { relieveDisk } from '../copies/relieve-disk.ts'
import { partsOf } from '../../domain/working-copy.ts'
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
import { checkOutAll } from './check-out.ts'
import { clearFailures } from './host-failure.ts'
import { prepareCopy } from './prepare-copy.ts'
import { tellOwner } from './tell-work.ts'

type Needs = Pick<Ports, 'table' | 'chance' | 'clock' | 'executions' | 'hosts' | 'journal'>

export type ActivateRoute = DecidedRoute | NotActive

const ACTOR = 'execution'

/** Makes the lease's slot ready and the lease active (T4), or says when to be called again. */
export async function activateLease(ports: Needs, leaseId: string): Promise<ActivateRoute> {
  const lease = await readLease(ports, leaseId)
  if (lease?.status !== 'acquired' || ports.clock.now() >= lease.activationDeadline)
    return { route: 'DECIDE' }
  const { host: name, number } = lease.slot
  const parts = lease.checkout ? partsOf(lease.checkout) : []
  const [hostItem, slotItem, ...repositoryItems] = await ports.table.getAll([
    hostKey(name),
    slotKey(name, number),
    ...parts.map(({ repository }) => repositoryKey(repository)),
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

  const missing = parts.find((_, index) => !repositoryItems[index])
  if (missing) {
    const detail = `repository ${missing.repository} is not registered any more`
    return breakRequest(ports, lease, { detail })
  }
  const repositories = repositoryItems.flatMap((item) => (item ? [repositoryOf(item)] : []))
  // Nothing that untrusted code may have touched is used again for who is trusted.
  const fresh = held.tainted === true && !lease.untrusted
  const prepared = await prepareCopy(ports, host, ref, lease, lease.checkout, fresh)
  if (prepared.kind === 'moved') return { route: 'DECIDE' }
  if (prepared.kind !== 'done') return afterTrouble(ports, lease, prepared)
  const out = await checkOutAll(ports, host, ref, lease, lease.checkout, repositories)
  switch (out.kind) {
    case 'trouble':
      return afterTrouble(ports, lease, out.trouble, prepared.value.own)
    case 'running':
      return yieldFor(ports, lease, 'none', out.phase)
    case 'conflict':
      return breakRequest(ports, lease, { detail: conflictDetail(out.conflict), conflict: out.conflict })
    case 'done': {
      const made = { receipt: out.receipt, ...prepared.value, rebuilt: fresh }
      const route = await activated(ports, lease, host, { isolation, made })
      if (out.disk) await relieveDisk(ports, host.name, out.disk)
      return route
    }
  }
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

const conflictDetail = ({ phase, ref, repository, files }: MergeConflict): string =>
  `merge_conflict: ${phase} of ${ref} into ${repository} does not fit in ${files.length} files`

const holds = (slot: Slot | undefined, lease: AcquiredLease): slot is HeldSlot & { readonly nonce: string } =>
  slot?.state === 'held' && slot.lease === lease.id && slot.epoch === lease.epoch && slot.nonce !== null
