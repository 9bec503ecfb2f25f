import type { Lease, LivingLease } from '../../../domain/lease.ts'
import { isLiving } from '../../../domain/lease.ts'
import { matchWaiter } from '../../allocation/match.ts'
import { awaken } from '../../lifecycle/awaken.ts'
import type { Ports } from '../../ports/ports.ts'
import type { Condition, Key, Write } from '../../ports/table.ts'
import { text } from '../../store/attributes.ts'
import { standsAsRead, notLiving, timerIs } from '../../store/conditions/lease.ts'
import { notThereYet, stillThere } from '../../store/conditions/any-item.ts'
import { permitOf } from '../../store/conditions/tenant.ts'
import { disabledOf } from '../../store/catalogue-item.ts'
import { blueprintKey, leaseKey, permitKey, SHARDS, timerKey, timersOf } from '../../store/keys.ts'
import { leaseOf } from '../../store/lease-item.ts'
import { readLease, readSlot } from '../../store/read.ts'
import { endHolding } from '../../transactions/end.ts'
import { waiterOf } from '../../transactions/move.ts'
import type { AuditFindings } from './audit.ts'
import type { Guard } from '../guard.ts'
import { pagesOf, readAll, readRegistry } from '../../store/pages.ts'
import { placeIn } from './queues.ts'

type Needs = Pick<Ports, 'table' | 'chance' | 'clock' | 'executions' | 'journal'>
type Count = Pick<AuditFindings, 'waiters' | 'timers' | 'permits' | 'leases'>

/** Every living lease has its permit, timer, waiters or slot, and nobody else has one of these. */
export async function auditLeases(ports: Needs, guard: Guard): Promise<Count> {
  const count = { waiters: 0, timers: 0, permits: 0, leases: 0 }
  const seen = new Set<string>()
  const look = async (id: string, item: Key, lease: Lease | undefined) => {
    if (!lease || !isLiving(lease)) {
      if (item.PK.startsWith('P#')) count.permits += await dropPermit(ports, item, id)
      else count.timers += await dropTimer(ports, item, id, lease)
      return
    }
    if (item.PK.startsWith('T#') && item.SK !== timerKey(id, lease.timer).SK) {
      count.timers += await dropTimer(ports, item, id, lease)
    }
    if (seen.has(id)) return
    seen.add(id)
    count.permits += await mend(ports, lease, permitKey(lease.tenant, lease.permit), { lease: id })
    count.timers += await mend(ports, lease, timerKey(id, lease.timer), { lease: id })
    if (lease.status === 'pending') count.waiters += await mendWaiters(ports, lease)
    else count.leases += await endAstray(ports, id)
  }
  for await (const page of partitions(ports)) {
    const leases = await readAll(
      ports,
      page.map((item) => leaseKey(text(item, 'lease'))),
    )
    for (const [index, item] of page.entries()) {
      const id = text(item, 'lease')
      const found = leases[index]
      await guard.over({ leaseId: id }, undefined, async () => look(id, item, found && leaseOf(found)))
    }
  }
  return count
}

/**
 * Timers name all living leases, and so do permits: where one is missing the other finds the lease. Timers of builds
 * and landings are the sweep's alone.
 */
async function* partitions(ports: Needs) {
  for (let shard = 0; shard < SHARDS; shard++) {
    for await (const page of pagesOf(ports, timersOf(shard))) {
      yield page.filter((item) => item['of'] === undefined)
    }
  }
  for (const tenant of await readRegistry(ports, 'tenant')) {
    yield* pagesOf(ports, permitKey(text(tenant, 'name'), 0).PK)
  }
}

async function mend(
  ports: Needs,
  lease: LivingLease,
  key: Key,
  attributes: Readonly<Record<string, string | number>>,
  when: Condition = timerIs(lease.version, lease.timer),
): Promise<number> {
  if (await ports.table.get(key)) return 0
  return fix(ports, [
    { kind: 'check', key: leaseKey(lease.id), when },
    { kind: 'put', item: { ...attributes, PK: key.PK, SK: key.SK }, when: notThereYet },
  ])
}

async function mendWaiters(
  ports: Needs,
  lease: Extract<LivingLease, { status: 'pending' }>,
): Promise<number> {
  let mended = 0
  for (const [pool, own] of Object.entries(lease.waiters)) {
    const key = placeIn(pool, lease)
    // Beside the queue only while its blueprint gives no leases: whoever enables it must find it.
    if (lease.parked && !(await isDisabled(ports, lease.blueprint))) continue
    const there = standsAsRead(lease.version, lease.parked ?? false)
    if (!key || (await mend(ports, lease, key, waiterOf(lease), there)) === 0) continue
    mended += 1
    await matchWaiter(ports, pool, own, 'audit')
  }
  return mended
}

async function isDisabled(ports: Needs, blueprint: string): Promise<boolean> {
  const item = await ports.table.get(blueprintKey(blueprint))
  return !item || disabledOf(item) !== undefined
}

/** A lease that believes to hold a slot that is not its own. What has ended already is finalized without it. */
async function endAstray(ports: Needs, id: string): Promise<number> {
  const lease = await readLease(ports, id)
  if (lease?.status !== 'acquired' && lease?.status !== 'active' && lease?.status !== 'kept') return 0
  const slot = await readSlot(ports, lease.slot.host, lease.slot.number)
  if (slot?.state === 'held' && slot.lease === id && slot.epoch === lease.epoch) return 0
  const why = { reason: 'host_lost', detail: 'its slot is not its own any more' } as const
  const by = { now: ports.clock.now(), actor: 'audit' }
  const { committed } = await endHolding(ports, lease, 'broken', why, by)
  if (committed) await awaken(ports, id)
  return committed ? 1 : 0
}

const dropPermit = async (ports: Needs, key: Key, id: string): Promise<number> =>
  fix(ports, [
    { kind: 'check', key: leaseKey(id), when: notLiving },
    { kind: 'delete', key: { PK: key.PK, SK: key.SK }, when: permitOf(id) },
  ])

const dropTimer = async (ports: Needs, key: Key, id: string, lease: Lease | undefined): Promise<number> =>
  fix(ports, [
    {
      kind: 'check',
      key: leaseKey(id),
      when: lease && isLiving(lease) ? timerIs(lease.version, lease.timer) : notLiving,
    },
    { kind: 'delete', key: { PK: key.PK, SK: key.SK }, when: stillThere },
  ])

const fix = async (ports: Needs, writes: readonly Write[]): Promise<number> =>
  (await ports.table.transact(ports.chance.opaque(), writes)).committed ? 1 : 0
