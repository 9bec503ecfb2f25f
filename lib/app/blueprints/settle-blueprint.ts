import { matchPool } from '../allocation/match.ts'
import { ATTEMPTS, contended, pauseAfter } from '../contention.ts'
import type { Ports } from '../ports/ports.ts'
import { disabledOf } from '../store/catalogue-item.ts'
import { settlingAsRead } from '../store/conditions/blueprint.ts'
import { blueprintKey, queueOf, registryKey } from '../store/keys.ts'
import { placeOf, readLease } from '../store/read.ts'
import { park, unpark } from '../transactions/park.ts'
import { readRegistry } from '../store/pages.ts'

type Needs = Pick<Ports, 'table' | 'chance' | 'clock' | 'executions' | 'journal'>

/** Places of a queue that are read at once. */
const PAGE = 1_000
/** Leases that are moved beside each other. */
const AT_ONCE = 8
/** Milliseconds, below what a call of the API may take: the mark stays, and the sweep goes on. */
const BUDGET = 15_000

/**
 * Brings the places of a blueprint's waiting leases to where they belong: beside the queues while it gives no leases,
 * else back in them. When it answers in time, none is where it should not be. The mark in the registry stands while this is
 * under way, so that the sweep brings a broken one to its end.
 */
export async function settleBlueprint(ports: Needs, name: string, actor: string): Promise<number> {
  // The mark first: where it is still the same at the end, nobody switched the blueprint after it was read.
  const settling = (await ports.table.get(registryKey('blueprint', name)))?.['settling']
  const item = await ports.table.get(blueprintKey(name))
  const pools = await readRegistry(ports, 'pool')
  const disabled = !item || disabledOf(item) !== undefined
  const until = ports.clock.now() + BUDGET
  const moved = { count: 0, whole: true }
  for (const pool of pools) {
    const queue = await settleQueue(ports, pool.SK, name, { disabled, until })
    moved.count += queue.count
    moved.whole &&= queue.whole
  }
  if (!disabled && moved.count > 0) for (const pool of pools) await matchPool(ports, pool.SK, actor)
  if (moved.whole && typeof settling === 'string') {
    const key = registryKey('blueprint', name)
    await ports.table.write({
      kind: 'update',
      key,
      set: {},
      remove: ['settling'],
      when: settlingAsRead(settling),
    })
  }
  return moved.count
}

async function settleQueue(
  ports: Needs,
  pool: string,
  name: string,
  { disabled, until }: { readonly disabled: boolean; readonly until: number },
): Promise<{ readonly count: number; readonly whole: boolean }> {
  const here = disabled ? 'W#' : 'X#'
  let count = 0
  for (let from = here; ;) {
    const items = await ports.table.query({ PK: queueOf(pool), from, to: `${here}~`, limit: PAGE })
    const places = items.map(placeOf).filter((place) => place.blueprint === name)
    const work = async () => {
      for (let place = places.shift(); place; place = places.shift()) {
        if (ports.clock.now() > until) return
        if (await settle(ports, place.lease, disabled)) count += 1
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, work))
    if (ports.clock.now() > until) return { count, whole: false }
    const last = items.at(-1)
    if (!last || items.length < PAGE) return { count, whole: true }
    from = last.SK
  }
}

/** False where there was nothing to move: its lease waits no more, or others were faster, or minds were changed. */
async function settle(ports: Needs, leaseId: string, disabled: boolean): Promise<boolean> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const lease = await readLease(ports, leaseId)
    if (lease?.status !== 'pending' || (lease.parked ?? false) === disabled) return false
    const outcome = await (disabled ? park : unpark)(ports, lease)
    if (outcome.committed) return true
    if (outcome.lost.some(({ index }) => index === 0)) return false
    await pauseAfter(ports, attempt + 1)
  }
  throw contended(`settling lease ${leaseId} with its blueprint`)
}
