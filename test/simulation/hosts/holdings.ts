import type { Item } from '../../../lib/app/ports/table.ts'
import { textIn } from '../checks/entity.ts'

/** The table's view of slots and leases, kept from its commits: what hosts are judged by. */
export interface Holdings {
  readonly committed: (before: Item | undefined, after: Item | undefined) => void
  /** Epoch of the slot, and whether a lease is in use on it in that very epoch. */
  readonly of: (
    slot: string,
  ) => { readonly epoch: number; readonly lease: string; readonly inUse: boolean } | undefined
}

export function createHoldings(): Holdings {
  const slots = new Map<string, { readonly epoch: number; readonly lease: string; readonly held: boolean }>()
  const leases = new Map<string, { readonly status: string; readonly epoch: number }>()
  return {
    committed: (before, after) => {
      const item = after ?? before
      if (!item) return
      if (item.PK.startsWith('H#') && item.SK.startsWith('S#')) {
        const key = slotName(textIn(item, 'host'), Number(item['number']))
        if (!after) slots.delete(key)
        else {
          slots.set(key, {
            epoch: Number(after['epoch']),
            lease: typeof after['lease'] === 'string' ? after['lease'] : '',
            held: after['state'] === 'held',
          })
        }
      }
      if (after && after.PK.startsWith('L#') && after.SK === 'META') {
        leases.set(textIn(after, 'id'), {
          status: textIn(after, 'status'),
          epoch: Number(after['epoch'] ?? 0),
        })
      }
    },
    of: (slot) => {
      const found = slots.get(slot)
      if (!found) return undefined
      const lease = leases.get(found.lease)
      const inUse = found.held && lease?.status === 'active' && lease.epoch === found.epoch
      return { epoch: found.epoch, lease: found.lease, inUse }
    },
  }
}

export const slotName = (host: string, number: number): string => `${host}/${number}`
