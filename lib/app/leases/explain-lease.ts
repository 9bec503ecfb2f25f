import type { Caller } from '../../domain/access.ts'
import { isOperator } from '../../domain/access.ts'
import type { PoolExplanation } from '../../domain/explanation.ts'
import { explainPool } from '../../domain/explanation.ts'
import type { Lease, PendingLease } from '../../domain/lease.ts'
import type { Result } from '../../domain/refusals.ts'
import { ok } from '../../domain/refusals.ts'
import type { Ports } from '../ports/ports.ts'
import { disabledOf } from '../store/catalogue-item.ts'
import { blueprintKey, leaseKey, queueOf, registryKey } from '../store/keys.ts'
import { leaseOf } from '../store/lease-item.ts'
import { readHost } from '../store/read.ts'
import { readableLease } from './find-lease.ts'
import { summarize } from './summarize.ts'
import { readRegistry } from '../store/pages.ts'

/** Why a lease waits, as the table stands at `at` (epoch milliseconds). */
export interface Explanation {
  readonly lease: Lease
  readonly at: number
  /** For people. */
  readonly summary: string
  /** One for each queue that it stands in; empty for a lease that does not wait for a slot. */
  readonly pools: readonly PoolExplanation[]
  /** The earliest of its pools' expectations. */
  readonly expectedAt?: number
}

type Needs = Pick<Ports, 'table' | 'clock'>

/** Places of a queue that are counted at once. */
const PAGE = 1_000

/**
 * Rank, and per pool and host the reason, who holds what until when, and what recent holds let expect. Everything comes
 * from the table's own items. Who holds a slot is told to operators and to its own tenant; to others, only until when.
 */
export async function explainLease(ports: Needs, caller: Caller, id: string): Promise<Result<Explanation>> {
  const found = await readableLease(ports, caller, id)
  if (!found.ok) return found
  const lease = found.value
  const at = ports.clock.now()
  if (lease.status !== 'pending') return ok({ lease, at, summary: summarize(lease, [], at), pools: [] })
  const disabled = await isDisabled(ports, lease)
  const pools = await Promise.all(
    Object.entries(lease.waiters).map(([pool, key]) => explain(ports, caller, { pool, key, disabled }, at)),
  )
  const expected = pools.flatMap((pool) => (pool.expectedAt === undefined ? [] : [pool.expectedAt]))
  return ok({
    lease,
    at,
    summary: summarize(lease, pools, at),
    pools,
    ...(expected.length === 0 ? {} : { expectedAt: Math.min(...expected) }),
  })
}

async function explain(
  ports: Needs,
  caller: Caller,
  { pool, key, disabled }: { readonly pool: string; readonly key: string; readonly disabled: boolean },
  now: number,
): Promise<PoolExplanation> {
  const [ahead, entry, registered] = await Promise.all([
    countAhead(ports, pool, key),
    ports.table.get(registryKey('pool', pool)),
    readRegistry(ports, 'host'),
  ])
  const names = registered.filter((item) => item['pool'] === pool).map((item) => item.SK)
  const seen = await Promise.all(names.map((name) => readHost(ports, name)))
  const hosts = seen.flatMap(({ host, slots }) => (host ? [{ host, slots }] : []))
  const held = hosts.flatMap(({ slots }) =>
    slots.flatMap((slot) => (slot.state === 'held' ? [slot.lease] : [])),
  )
  const meanHold = entry?.['meanHold']
  return explainPool({
    pool,
    rank: ahead + 1,
    disabled,
    meanHold: typeof meanHold === 'number' ? meanHold : undefined,
    now,
    hosts,
    holders: await readLeases(ports, held),
    mayKnow: (holder) =>
      isOperator(caller) || (caller.lease === undefined && holder.tenant === caller.tenant),
  })
}

/** Its places may still stand in the queues: they are set aside when somebody comes upon them. */
async function isDisabled(ports: Needs, lease: PendingLease): Promise<boolean> {
  const item = await ports.table.get(blueprintKey(lease.blueprint))
  return lease.parked === true || !item || disabledOf(item) !== undefined
}

/** Places before this one, whether it stands in the queue itself or beside it. */
async function countAhead(ports: Needs, pool: string, key: string): Promise<number> {
  let count = 0
  for (let from = 'W#'; ;) {
    const items = await ports.table.query({ PK: queueOf(pool), from, to: key, limit: PAGE })
    count += items.filter((item) => item.SK !== key && item.SK !== from).length
    const last = items.at(-1)
    if (!last || items.length < PAGE) return count
    from = last.SK
  }
}

async function readLeases(ports: Needs, ids: readonly string[]): Promise<ReadonlyMap<string, Lease>> {
  const found = new Map<string, Lease>()
  for (let start = 0; start < ids.length; start += 100) {
    const items = await ports.table.getAll(ids.slice(start, start + 100).map(leaseKey))
    for (const item of items) if (item) found.set(leaseOf(item).id, leaseOf(item))
  }
  return found
}
