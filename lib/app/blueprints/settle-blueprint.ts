import { matchPool } from '../allocation/match.ts'
import { ATTEMPTS, contended } from '../contention.ts'
import type { Ports } from '../ports/ports.ts'
import { disabledOf } from '../store/catalogue-item.ts'
import { settlingAsRead } from '../store/conditions.ts'
import { blueprintKey, queueOf, registryKey, registryOf } from '../store/keys.ts'
import { placeOf, readLease } from '../store/read.ts'
import { park, unpark } from '../transactions/park.ts'

type Needs = Pick<Ports, 'table' | 'chance' | 'clock' | 'executions' | 'journal'>

/** Places of a queue that are read at once. */
const PAGE = 1_000

/**
 * Brings the places of a blueprint's waiting leases to where they belong: beside the queues while it gives no leases,
 * else back in them. When it answers, none is where it should not be. The mark in the registry stands while this is
 * under way, so that the sweep brings a broken one to its end.
 */
export async function settleBlueprint(ports: Needs, name: string, actor: string): Promise<number> {
  // The mark first: where it is still the same at the end, nobody switched the blueprint after it was read.
  const settling = (await ports.table.get(registryKey('blueprint', name)))?.['settling']
  const item = await ports.table.get(blueprintKey(name))
  const pools = await ports.table.query({ PK: registryOf('pool'), limit: 1_000 })
  const disabled = !item || disabledOf(item) !== undefined
  let moved = 0
  for (const pool of pools) moved += await settleQueue(ports, pool.SK, name, disabled)
  if (!disabled && moved > 0) for (const pool of pools) await matchPool(ports, pool.SK, actor)
  if (typeof settling === 'number') {
    const key = registryKey('blueprint', name)
    await ports.table.write({
      kind: 'update',
      key,
      set: {},
      remove: ['settling'],
      when: settlingAsRead(settling),
    })
  }
  return moved
}

async function settleQueue(ports: Needs, pool: string, name: string, disabled: boolean): Promise<number> {
  const here = disabled ? 'W#' : 'X#'
  let moved = 0
  for (let from = here; ;) {
    const items = await ports.table.query({ PK: queueOf(pool), from, to: `${here}~`, limit: PAGE })
    for (const place of items.map(placeOf)) {
      if (place.blueprint === name && (await settle(ports, place.lease, disabled))) moved += 1
    }
    const last = items.at(-1)
    if (!last || items.length < PAGE) return moved
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
    await ports.clock.sleep(ports.chance.fraction() * 20)
  }
  throw contended(`settling lease ${leaseId} with its blueprint`)
}
