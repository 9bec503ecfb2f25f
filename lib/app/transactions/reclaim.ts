import type { FreeSlot, WithheldSlot } from '../../domain/slot.ts'
import type { Ports } from '../ports/ports.ts'
import type { Outcome } from '../ports/table.ts'
import { slotAsRead } from '../store/conditions/slot.ts'
import { stillThere } from '../store/conditions/any-item.ts'
import { slotKey, tokenItemKey } from '../store/keys.ts'

/** An idle slot gives up what stands warm on it: it is cleaned out and then as before. A slot in use cannot. */
export const reclaimSlot = async (
  ports: Pick<Ports, 'table' | 'chance'>,
  slot: FreeSlot | WithheldSlot,
): Promise<Outcome> =>
  ports.table.transact(ports.chance.opaque(), [
    {
      kind: 'update',
      key: slotKey(slot.host, slot.number),
      set: { state: 'dirty', wipe: true },
      remove: ['token'],
      when: slotAsRead(slot),
    },
    ...(slot.state === 'free'
      ? [{ kind: 'delete', key: tokenItemKey(slot.pool, slot.token), when: stillThere } as const]
      : []),
  ])
