import type { Caller } from '../../domain/access.ts'
import type { Lease, PendingLease } from '../../domain/lease.ts'
import type { Result } from '../../domain/refusals.ts'
import { ok } from '../../domain/refusals.ts'
import type { Ports } from '../ports/ports.ts'
import { disabledOf } from '../store/catalogue-item.ts'
import { blueprintKey, queueOf, registryKey, tokensOf } from '../store/keys.ts'
import { readableLease } from './find-lease.ts'

/** A lease as its reader sees it. */
export interface LeaseView {
  readonly lease: Lease
  /** While pending: the place in the queue where it stands best, 1 = next. */
  readonly waiting?: { readonly position: number; readonly pool: string; readonly because: string }
  readonly execution: { readonly arn: string; readonly link?: string }
}

type Needs = Pick<Ports, 'table' | 'executions' | 'clock' | 'journal'>

export async function viewLease(ports: Needs, lease: Lease): Promise<LeaseView> {
  const execution = ports.executions.leaseExecution(lease.id)
  if (lease.status !== 'pending') return { lease, execution }
  return { lease, execution, ...(await waitingOf(ports, lease)) }
}

/** Nearest place that is looked at; far from the head nobody needs to know it exactly. */
const FAR = 200
/** Up to here a long poll may wait; further back it is answered at once, with a time to come again. */
const NEAR_HEAD = 20
/** Nobody comes to the head of a queue faster: leases a second. */
const FASTEST = 50
const LONGEST_RETRY = 5

/** How often a long poll looks, milliseconds; a wait is noticed late by some share (growth - 1) / 2 of it at most. */
interface Pace {
  readonly first: number
  readonly growth: number
  readonly longest: number
}

/** Whoever is next is given a slot at any moment, and it stands idle until its holder knows. */
const NEXT: Pace = { first: 10, growth: 1.3, longest: 100 }
const IN_QUEUE: Pace = { first: 10, growth: 1.3, longest: 400 }
/** Being made ready takes from 30 ms to minutes. */
const ACQUIRED: Pace = { first: 10, growth: 1.1, longest: 400 }
const NEXT_ONES = 4

/**
 * The lease, at once if it is active or over or if `milliseconds` are 0; else as soon as it becomes so, or when the
 * time is up. Far from the head of the queue the answer comes at once, with a time to come again.
 */
export async function awaitLease(
  ports: Needs,
  caller: Caller,
  id: string,
  milliseconds: number,
): Promise<Result<LeaseView & { readonly retryAfterSeconds?: number }>> {
  const until = ports.clock.now() + milliseconds
  let seen: Lease['status'] | undefined
  let pace = IN_QUEUE
  for (let pause = 0; ; pause = Math.min(pause * pace.growth, pace.longest)) {
    const found = await readableLease(ports, caller, id)
    if (!found.ok) return found
    const lease = found.value
    const settled = lease.status !== 'pending' && lease.status !== 'acquired'
    const left = until - ports.clock.now()
    if (settled || left <= 0) return ok(await viewLease(ports, lease))
    if (lease.status !== seen) {
      const view = await viewLease(ports, lease)
      const position = view.waiting?.position ?? 0
      if (position > NEAR_HEAD) return ok({ ...view, retryAfterSeconds: comeAgain(position) })
      pace = lease.status === 'acquired' ? ACQUIRED : position <= NEXT_ONES ? NEXT : IN_QUEUE
      pause = pace.first
      seen = lease.status
    }
    await ports.clock.sleep(Math.min(pause, left))
  }
}

/** Before it can have come to the head: a lease that is active while nobody asks for it keeps its slot from others. */
const comeAgain = (position: number): number =>
  Math.min(LONGEST_RETRY, Math.ceil((position - NEAR_HEAD) / FASTEST))

async function waitingOf(ports: Needs, lease: PendingLease): Promise<Pick<LeaseView, 'waiting'>> {
  const places = await Promise.all(
    Object.entries(lease.waiters).map(async ([pool, key]) => {
      const ahead = await ports.table.query({ PK: queueOf(pool), from: 'W#', to: key, limit: FAR })
      const own = ahead.at(-1)?.SK === key
      if (own || ahead.length >= FAR) return { pool, position: ahead.length }
      return lease.parked ? { pool, position: ahead.length + 1 } : undefined
    }),
  )
  const best = places.filter((place) => place !== undefined).toSorted((a, b) => a.position - b.position)[0]
  if (!best) return {}
  const because = await reasonOf(ports, lease, best)
  return { waiting: { ...best, because } }
}

async function reasonOf(
  ports: Needs,
  lease: PendingLease,
  place: { readonly pool: string; readonly position: number },
): Promise<string> {
  const [[entry, blueprint], [token]] = await Promise.all([
    ports.table.getAll([registryKey('pool', place.pool), blueprintKey(lease.blueprint)]),
    ports.table.query({ PK: tokensOf(place.pool), limit: 1 }),
  ])
  if (lease.parked || !blueprint || disabledOf(blueprint)) {
    return `blueprint ${lease.blueprint} is disabled; it keeps its place`
  }
  const ahead = place.position - 1
  const queue = ahead === 0 ? 'it is next' : `${ahead} ${ahead === 1 ? 'lease is' : 'leases are'} ahead of it`
  if (token) return `a slot of pool ${place.pool} is free and is being given away; ${queue}`
  const trouble = typeof entry?.['trouble'] === 'string' ? `; ${entry['trouble']}` : ''
  return `none of the ${Number(entry?.['slots'] ?? 0)} slots of pool ${place.pool} is free; ${queue}${trouble}`
}
