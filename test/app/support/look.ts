import type { Item, Key, Value } from '../../../lib/app/ports/table.ts'
import { blueprintKey, hostKey, registryKey } from '../../../lib/app/store/keys.ts'
import { hostOf, slotOf } from '../../../lib/app/store/slot-item.ts'
import type { Caller } from '../../../lib/domain/access.ts'
import type { Lease } from '../../../lib/domain/lease.ts'
import type { Host, Slot } from '../../../lib/domain/slot.ts'
import type { World } from '../../support/world.ts'

export const OPERATOR: Caller = { principal: 'issuer/ops', tenant: 'ops', scopes: ['operator'] }

/** Somebody, now. */
export const by = (world: World, actor = 'operator') => ({ now: world.ports.clock.now(), actor })

/** What stands in the table; nothing is called for it. */
export function itemAt(world: World, { PK, SK }: Key): Item {
  const item = world.table.items().find((one) => one.PK === PK && one.SK === SK)
  if (!item) throw new Error(`nothing is at ${PK} ${SK}`)
  return item
}

export const hostNow = (world: World, name: string): Host => hostOf(itemAt(world, hostKey(name)))
export const poolNow = (world: World, name: string): Item => itemAt(world, registryKey('pool', name))
export const blueprintNow = (world: World, name: string): Item => itemAt(world, blueprintKey(name))

export const slotsNow = (world: World, host: string): readonly Slot[] =>
  world.table
    .items()
    .filter((item) => item.PK === hostKey(host).PK && item.SK.startsWith('S#'))
    .map(slotOf)

export const statesNow = (world: World, host: string): readonly string[] =>
  slotsNow(world, host).map((slot) => slot.state)

/** Sort keys of the places in a queue (`W#`) and beside it (`X#`). */
export const placesNow = (world: World, pool: string): readonly string[] =>
  world.table
    .items()
    .filter((item) => item.PK === `Q#${pool}`)
    .map((item) => item.SK)

export const leasesNow = (world: World, status: Lease['status']): readonly Item[] =>
  world.table
    .items()
    .filter((item) => item.PK.startsWith('L#') && item.SK === 'META' && item['status'] === status)

/** A lease as it was read by somebody who then took a while. */
export async function seen<S extends Lease['status']>(world: World, id: string, status: S) {
  const lease = await world.lease(id)
  if (lease.status !== status) throw new Error(`lease ${id} is ${lease.status}, not ${status}`)
  return lease as Extract<Lease, { status: S }>
}

export function slotSeen<S extends Slot['state']>(world: World, host: string, number: number, state: S) {
  const slot = slotsNow(world, host)[number]
  if (slot?.state !== state)
    throw new Error(`slot ${number} of ${host} is ${String(slot?.state)}, not ${state}`)
  return slot as Extract<Slot, { state: S }>
}

const anyhow = { name: 'by hand', all: [] }

/** As an operator's hand would, or a fault of ours. */
export const set = async (world: World, { PK, SK }: Key, to: Readonly<Record<string, Value>>) =>
  world.table.write({ kind: 'update', key: { PK, SK }, set: to, when: anyhow })

export const put = async (world: World, item: Item) => world.table.write({ kind: 'put', item, when: anyhow })

export const remove = async (world: World, { PK, SK }: Key) =>
  world.table.write({ kind: 'delete', key: { PK, SK }, when: anyhow })
