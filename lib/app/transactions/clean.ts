import type { BrokenSlot, DirtySlot } from '../../domain/slot.ts'
import type { DiskSpace } from '../../domain/disk.ts'
import type { Cause } from '../../domain/step.ts'
import type { Going } from '../../domain/warmth.ts'
import { warmNames } from '../../domain/warmth.ts'
import type { ActiveCopy } from '../../domain/working-copy.ts'
import type { Ports } from '../ports/ports.ts'
import type { Outcome, Write } from '../ports/table.ts'
import { nonceUnchanged, slotUnclean } from '../store/conditions/slot.ts'
import { copyUnchanged } from '../store/conditions/copy.ts'
import { notThereYet } from '../store/conditions/any-item.ts'
import { keyOfCopy } from '../store/copy-item.ts'
import { freeToken, slotKey } from '../store/keys.ts'
import { tokenItem, tokenOfSlot } from '../store/slot-item.ts'
import { changeCopy, loseCopy } from './copies.ts'

type Unclean = DirtySlot | BrokenSlot

/** What a cleaning found of the copies of its slot. */
export interface Tidied {
  /** As recorded before, and as they are now. */
  readonly stay: readonly { readonly before: ActiveCopy; readonly now: ActiveCopy }[]
  readonly gone: readonly Going[]
  readonly by: Cause
  /** What the host told of its disk meanwhile. */
  readonly disk?: DiskSpace
  /** When somebody has to look again. */
  readonly tidyAt?: number
}

/** T8: the host confirmed that nothing is left of the past. Epoch + 1, so that whatever is still under way is stale. */
export async function cleaned(
  ports: Pick<Ports, 'table' | 'chance'>,
  slot: Unclean,
  copies: Tidied,
): Promise<Outcome> {
  const opId = ports.chance.opaque()
  const key = slotKey(slot.host, slot.number)
  const epoch = slot.epoch + 1
  const warm = warmNames(copies.stay.map(({ now }) => now))
  const { tidyAt } = copies
  const after = { epoch, warm, ...(tidyAt === undefined ? {} : { tidyAt }) }
  // What is not kept is not tainted any more.
  const remove = ['wipe', ...(tidyAt === undefined ? ['tidyAt'] : []), ...(slot.tainted ? [] : ['tainted'])]
  const records = recorded(copies, opId)
  if (!slot.offered) {
    const set = { state: 'withheld', ...after, opId }
    return ports.table.transact(opId, [
      { kind: 'update', key, set, remove, when: slotUnclean(slot.epoch, false, slot.nonce) },
      ...records,
    ])
  }
  const token = freeToken(ports.chance.opaque(), slot.host, slot.number)
  return ports.table.transact(opId, [
    {
      kind: 'update',
      key,
      set: { state: 'free', token, ...after, opId },
      remove,
      when: slotUnclean(slot.epoch, true, slot.nonce),
    },
    {
      kind: 'put',
      item: tokenItem(tokenOfSlot({ ...slot, state: 'free', epoch, warm, token })),
      when: notThereYet,
    },
    ...records,
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

const recorded = ({ stay, gone, by }: Tidied, opId: string): readonly Write[] => [
  ...stay.map(({ before, now }): Write =>
    before === now
      ? { kind: 'check', key: keyOfCopy(now.id), when: copyUnchanged(now.version) }
      : changeCopy(before, now, opId),
  ),
  ...gone.flatMap(({ copy, why }) => loseCopy(copy, why, by)),
]
