import type { DirtySlot, Host, Slot } from '../../domain/slot.ts'
import { givesLeases } from '../../domain/slot.ts'
import type { Ports } from '../ports/ports.ts'
import type { Outcome, Write } from '../ports/table.ts'
import { hostUnchanged } from '../store/conditions/fleet.ts'
import { notThereYet, stillThere } from '../store/conditions/any-item.ts'
import { slotAsRead } from '../store/conditions/slot.ts'
import { freeToken, hostKey, slotKey, tokenItemKey } from '../store/keys.ts'
import { slotItem, tokenItem, tokenOfSlot } from '../store/slot-item.ts'

/** Slots that change in one transaction, each with its token, beside the check of their host. */
export const SLOTS_AT_ONCE = 45

/**
 * T7, the part of the slots: they follow their host's state. A held one is left to its lease and only not handed on;
 * a free one is withheld, its token gone, and back. Nothing happens where the host's state moved on meanwhile.
 */
export async function offerSlots(
  ports: Pick<Ports, 'table' | 'chance'>,
  host: Host,
  slots: readonly Slot[],
): Promise<Outcome> {
  const opId = ports.chance.opaque()
  return ports.table.transact(opId, [
    { kind: 'check', key: hostKey(host.name), when: hostUnchanged(host.changes) },
    ...slots.flatMap((slot) => followed(slot, givesLeases(host), ports.chance.opaque(), opId)),
  ])
}

/** Slots that a host has not yet, offered as its state says. */
export const makeSlots = async (
  ports: Pick<Ports, 'table' | 'chance'>,
  host: Host,
  slots: readonly DirtySlot[],
): Promise<Outcome> =>
  ports.table.transact(ports.chance.opaque(), [
    { kind: 'check', key: hostKey(host.name), when: hostUnchanged(host.changes) },
    ...slots.map((slot): Write => ({ kind: 'put', item: slotItem(slot), when: notThereYet })),
  ])

function followed(slot: Slot, offered: boolean, random: string, opId: string): readonly Write[] {
  const key = slotKey(slot.host, slot.number)
  const when = slotAsRead(slot)
  if (slot.state === 'withheld' && offered) {
    const token = freeToken(random, slot.host, slot.number)
    const set = { state: 'free', offered, token, opId }
    const item = tokenItem(tokenOfSlot({ ...slot, state: 'free', token }))
    return [
      { kind: 'update', key, set, when },
      { kind: 'put', item, when: notThereYet },
    ]
  }
  if (slot.state === 'free' && !offered) {
    const set = { state: 'withheld', offered, opId }
    return [
      { kind: 'update', key, set, remove: ['token'], when },
      { kind: 'delete', key: tokenItemKey(slot.pool, slot.token), when: stillThere },
    ]
  }
  return [{ kind: 'update', key, set: { offered, opId }, when }]
}
