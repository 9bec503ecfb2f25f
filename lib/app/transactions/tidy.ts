import type { FreeSlot, Slot, WithheldSlot } from '../../domain/slot.ts'
import type { Cause } from '../../domain/step.ts'
import type { Going } from '../../domain/warmth.ts'
import { releaseCopy } from '../../domain/working-copy.ts'
import type { Ports } from '../ports/ports.ts'
import type { Outcome, Write } from '../ports/table.ts'
import { stillThere } from '../store/conditions/any-item.ts'
import { slotAsRead } from '../store/conditions/slot.ts'
import { slotKey, tokenItemKey } from '../store/keys.ts'
import { changeCopy } from './copies.ts'

/**
 * An idle slot is taken out of use to be cleaned, and these of its copies are given up with it. Whoever leases it
 * meanwhile keeps it, and them.
 */
export async function tidySlot(
  ports: Pick<Ports, 'table' | 'chance'>,
  slot: FreeSlot | WithheldSlot,
  go: readonly Going[],
  by: Cause,
): Promise<Outcome> {
  const opId = ports.chance.opaque()
  return ports.table.transact(opId, [
    {
      kind: 'update',
      key: slotKey(slot.host, slot.number),
      set: { state: 'dirty', opId },
      remove: ['token'],
      when: slotAsRead(slot),
    },
    ...(slot.state === 'free'
      ? [{ kind: 'delete', key: tokenItemKey(slot.pool, slot.token), when: stillThere } as const]
      : []),
    ...givenUp(go, opId, by),
  ])
}

export const givenUp = (go: readonly Going[], opId: string, by: Cause): readonly Write[] =>
  go.flatMap(({ copy, why }) =>
    copy.state === 'active' || copy.state === 'pending'
      ? [changeCopy(copy, releaseCopy(copy, why, by), opId)]
      : [],
  )

/** Somebody has the slot: these of its copies are given up, and it is looked after as soon as it is idle. */
export async function markForTidying(
  ports: Pick<Ports, 'table' | 'chance'>,
  slot: Slot,
  go: readonly Going[],
  by: Cause,
): Promise<Outcome> {
  const opId = ports.chance.opaque()
  return ports.table.transact(opId, [
    {
      kind: 'update',
      key: slotKey(slot.host, slot.number),
      set: { tidyAt: by.now, opId },
      when: slotAsRead(slot),
    },
    ...givenUp(go, opId, by),
  ])
}
