import type { FreeSlot } from '../../domain/slot.ts'
import type { Ports } from '../ports/ports.ts'
import type { Outcome } from '../ports/table.ts'
import { slotFree, stillThere } from '../store/conditions.ts'
import { slotKey, tokenItemKey } from '../store/keys.ts'

/** A free slot gives up what stands warm on it: it is cleaned out and then free again. A slot in use cannot. */
export const reclaimSlot = async (ports: Pick<Ports, 'table' | 'chance'>, slot: FreeSlot): Promise<Outcome> =>
  ports.table.transact(ports.chance.opaque(), [
    {
      kind: 'update',
      key: slotKey(slot.host, slot.number),
      set: { state: 'dirty', wipe: true },
      remove: ['token'],
      when: slotFree(slot.epoch),
    },
    { kind: 'delete', key: tokenItemKey(slot.pool, slot.token), when: stillThere },
  ])
