import type { Lease } from '../../../domain/lease.ts'
import { isHolding } from '../../../domain/lease.ts'
import type { FreeSlot, HeldSlot } from '../../../domain/slot.ts'
import { matchPool } from '../../allocation/match.ts'
import type { Ports } from '../../ports/ports.ts'
import { leaseAsRead } from '../../store/conditions/lease.ts'
import { notThereYet } from '../../store/conditions/any-item.ts'
import { slotHeldBy, slotNamesToken } from '../../store/conditions/slot.ts'
import { leaseKey, slotKey, tokenItemKey } from '../../store/keys.ts'
import { leaseOf } from '../../store/lease-item.ts'
import { readHost } from '../../store/read.ts'
import { tokenItem, tokenOfSlot } from '../../store/slot-item.ts'
import type { Guard } from '../guard.ts'
import { readAll, readRegistry } from '../../store/pages.ts'

type Needs = Pick<Ports, 'table' | 'chance' | 'clock' | 'executions' | 'journal'>

/** Every held slot has its lease, every free one its token. */
export async function auditSlots(
  ports: Needs,
  guard: Guard,
): Promise<{ readonly slots: number; readonly tokens: number }> {
  const hosts = await readRegistry(ports, 'host')
  const count = { slots: 0, tokens: 0 }
  const look = async (name: string) => {
    const { slots } = await readHost(ports, name)
    const held = slots.filter((slot) => slot.state === 'held')
    const leases = await readAll(
      ports,
      held.map((slot) => leaseKey(slot.lease)),
    )
    for (const [index, slot] of held.entries()) {
      const item = leases[index]
      const lease = item && leaseOf(item)
      if (!holds(lease, slot) && (await soil(ports, slot, lease))) count.slots += 1
    }
    for (const slot of slots) {
      if (slot.state === 'free' && (await remakeToken(ports, slot))) count.tokens += 1
    }
  }
  for (const { SK: host } of hosts) await guard.over({ host }, undefined, async () => look(host))
  return count
}

const holds = (lease: Lease | undefined, slot: HeldSlot): boolean =>
  lease !== undefined &&
  isHolding(lease) &&
  lease.slot.host === slot.host &&
  lease.slot.number === slot.number &&
  lease.epoch === slot.epoch

/** Nobody knows what is on it: it is cleaned before anybody has it. */
async function soil(ports: Needs, slot: HeldSlot, lease: Lease | undefined): Promise<boolean> {
  const { committed } = await ports.table.transact(ports.chance.opaque(), [
    { kind: 'check', key: leaseKey(slot.lease), when: leaseAsRead(lease) },
    {
      kind: 'update',
      key: slotKey(slot.host, slot.number),
      set: { state: 'dirty' },
      remove: ['lease'],
      when: slotHeldBy(slot.lease, slot.epoch),
    },
  ])
  if (committed) await ports.executions.cleanSlot(slot.host, slot.number, slot.epoch)
  return committed
}

async function remakeToken(ports: Needs, slot: FreeSlot): Promise<boolean> {
  if (await ports.table.get(tokenItemKey(slot.pool, slot.token))) return false
  const { committed } = await ports.table.transact(ports.chance.opaque(), [
    { kind: 'check', key: slotKey(slot.host, slot.number), when: slotNamesToken(slot.token) },
    { kind: 'put', item: tokenItem(tokenOfSlot(slot)), when: notThereYet },
  ])
  if (committed) await matchPool(ports, slot.pool, 'audit')
  return committed
}
