import type { Lease } from '../../../domain/lease.ts'
import type { Ports } from '../../ports/ports.ts'
import type { Item, Key } from '../../ports/table.ts'
import { leaseAsRead, standsAsRead } from '../../store/conditions/lease.ts'
import { stillThere } from '../../store/conditions/any-item.ts'
import { leaseKey, parkedKey, queueOf, waiterItemKey } from '../../store/keys.ts'
import { leaseOf } from '../../store/lease-item.ts'
import { placeOf } from '../../store/read.ts'
import type { Guard } from '../guard.ts'
import { pagesOf, readAll, readRegistry } from '../../store/pages.ts'

type Needs = Pick<Ports, 'table' | 'chance'>

/** Every place in a queue, or beside it, is one that a pending lease has there. */
export async function auditQueues(ports: Needs, guard: Guard): Promise<number> {
  const pools = await readRegistry(ports, 'pool')
  let dropped = 0
  const look = async (pool: string, page: readonly Item[]) => {
    const places = page.map(placeOf)
    const items = await readAll(
      ports,
      places.map((place) => leaseKey(place.lease)),
    )
    for (const [index, place] of places.entries()) {
      const item = items[index]
      const lease = item && leaseOf(item)
      if (placeIn(pool, lease)?.SK === place.key) continue
      if (await drop(ports, { PK: queueOf(pool), SK: place.key }, place.lease, lease)) dropped += 1
    }
  }
  for (const { SK: pool } of pools) {
    for await (const page of pagesOf(ports, queueOf(pool))) {
      await guard.over({ pool }, undefined, async () => look(pool, page))
    }
  }
  return dropped
}

/** Where a lease must stand in this pool, if it waits there. */
export function placeIn(pool: string, lease: Lease | undefined): Key | undefined {
  if (lease?.status !== 'pending') return undefined
  const key = lease.waiters[pool]
  if (key === undefined) return undefined
  return lease.parked ? parkedKey(pool, key) : waiterItemKey(pool, key)
}

async function drop(ports: Needs, key: Key, leaseId: string, lease: Lease | undefined): Promise<boolean> {
  const { committed } = await ports.table.transact(ports.chance.opaque(), [
    {
      kind: 'check',
      key: leaseKey(leaseId),
      when:
        lease?.status === 'pending' ? standsAsRead(lease.version, lease.parked ?? false) : leaseAsRead(lease),
    },
    { kind: 'delete', key, when: stillThere },
  ])
  return committed
}
