import type { Lease } from '../../domain/lease.ts'
import type { Place } from '../../domain/matching.ts'
import { WINDOW } from '../../domain/matching.ts'
import type { FreeToken, Host, Slot } from '../../domain/slot.ts'
import type { Ports } from '../ports/ports.ts'
import type { Item } from '../ports/table.ts'
import { hostKey, leaseKey, queueOf, slotKey, tokensOf } from './keys.ts'
import { leaseOf } from './lease-item.ts'
import { hostOf, slotOf, tokenOf } from './slot-item.ts'
import { text } from './attributes.ts'

/** Decisions read the table's own items, consistently; nothing here is ever served from memory. */
type Needs = Pick<Ports, 'table'>

export async function readLease(ports: Needs, id: string): Promise<Lease | undefined> {
  const item = await ports.table.get(leaseKey(id))
  return item && leaseOf(item)
}

export async function readSlot(ports: Needs, host: string, number: number): Promise<Slot | undefined> {
  const item = await ports.table.get(slotKey(host, number))
  return item && slotOf(item)
}

export async function readHostAndSlot(
  ports: Needs,
  host: string,
  number: number,
): Promise<{ readonly host: Host | undefined; readonly slot: Slot | undefined }> {
  const [hostItem, slotItem] = await ports.table.getAll([hostKey(host), slotKey(host, number)])
  return { host: hostItem && hostOf(hostItem), slot: slotItem && slotOf(slotItem) }
}

/** The first places of a pool's queue, in order. */
export async function readQueue(
  ports: Needs,
  pool: string,
  limit: number = WINDOW,
): Promise<readonly Place[]> {
  const items = await ports.table.query({ PK: queueOf(pool), from: 'W#', to: 'W#~', limit })
  return items.map(placeOf)
}

export const placeOf = (item: Item): Place => ({
  key: item.SK,
  lease: text(item, 'lease'),
  blueprint: text(item, 'blueprint'),
})

/** A host with all of its slots, as they stood at one moment each. */
export async function readHost(
  ports: Needs,
  name: string,
): Promise<{ readonly host: Host | undefined; readonly slots: readonly Slot[] }> {
  const { PK, SK: from } = hostKey(name)
  const items = await ports.table.query({ PK, from, to: 'S#~', limit: 1_000 })
  const meta = items.find((item) => item.SK === from)
  return {
    host: meta && hostOf(meta),
    slots: items.filter((item) => item.SK.startsWith('S#')).map(slotOf),
  }
}

export const readSlots = async (ports: Needs, host: string): Promise<readonly Slot[]> =>
  (await readHost(ports, host)).slots

/**
 * Free tokens of a pool: a window of them from a random one on, and one that ends there, so that takers spread and so that
 * an empty answer means that there was none. `all`: there were no others.
 */
export async function readTokens(
  ports: Pick<Ports, 'table' | 'chance'>,
  pool: string,
): Promise<{ readonly tokens: readonly FreeToken[]; readonly all: boolean }> {
  const PK = tokensOf(pool)
  const start = ports.chance.opaque()
  // Together, because every request for a slot waits for both: a token that is there all the time is in one of them.
  const [after, before] = await Promise.all([
    ports.table.query({ PK, from: start, limit: WINDOW }),
    ports.table.query({ PK, to: start, limit: WINDOW }),
  ])
  const all = after.length < WINDOW && before.length < WINDOW
  return { tokens: [...after, ...before].map(tokenOf), all }
}

/** The first tokens of a pool, in order: place and token leave their lists together, so that of a crowd each finds another. */
export async function readFirstTokens(
  ports: Pick<Ports, 'table'>,
  pool: string,
  limit: number,
): Promise<readonly FreeToken[]> {
  return (await ports.table.query({ PK: tokensOf(pool), limit })).map(tokenOf)
}
