import type { BrokenSlot, DirtySlot } from '../../domain/slot.ts'
import type { Ports } from '../ports/ports.ts'
import type { Outcome } from '../ports/table.ts'
import { nonceUnchanged, slotUnclean } from '../store/conditions/slot.ts'
import { notThereYet } from '../store/conditions/any-item.ts'
import { freeToken, slotKey } from '../store/keys.ts'
import { tokenItem, tokenOfSlot } from '../store/slot-item.ts'

type Unclean = DirtySlot | BrokenSlot

/** T8: the host confirmed that nothing is left of the past. Epoch + 1, so that whatever is still under way is stale. */
export async function cleaned(
  ports: Pick<Ports, 'table' | 'chance'>,
  slot: Unclean,
  warm: readonly string[],
): Promise<Outcome> {
  const opId = ports.chance.opaque()
  const key = slotKey(slot.host, slot.number)
  const epoch = slot.epoch + 1
  if (!slot.offered) {
    const set = { state: 'withheld', epoch, warm, opId }
    return ports.table.transact(opId, [
      { kind: 'update', key, set, remove: ['wipe'], when: slotUnclean(slot.epoch, false, slot.nonce) },
    ])
  }
  const token = freeToken(ports.chance.opaque(), slot.host, slot.number)
  return ports.table.transact(opId, [
    {
      kind: 'update',
      key,
      set: { state: 'free', epoch, token, warm, opId },
      remove: ['wipe'],
      when: slotUnclean(slot.epoch, true, slot.nonce),
    },
    {
      kind: 'put',
      item: tokenItem(tokenOfSlot({ ...slot, state: 'free', epoch, warm, token })),
      when: notThereYet,
    },
  ])
}

/** Stored before the host learns it: whoever finds it on the host later knows that it is ours. */
export async function renameSlot(
  ports: Pick<Ports, 'table'>,
  slot: Unclean,
  nonce: string,
): Promise<Outcome> {
  return ports.table.write({
    kind: 'update',
    key: slotKey(slot.host, slot.number),
    set: { nonce },
    when: nonceUnchanged(slot.epoch, slot.nonce),
  })
}
