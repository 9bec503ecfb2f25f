import type { FreeSlot, FreeToken, Host, Slot } from '../../domain/slot.ts'
import type { Item } from '../ports/table.ts'
import { hostKey, slotKey, tokenItemKey } from './keys.ts'

/** A slot's nonce is left out while it has none. */
export function slotItem(slot: Slot): Item {
  const { nonce, ...rest } = slot
  return { ...slotKey(slot.host, slot.number), ...rest, ...(nonce === null ? {} : { nonce }) }
}

export function slotOf(item: Item): Slot {
  const { PK: _, SK: _sk, opId: _op, nonce = null, ...rest } = item
  return { ...rest, nonce } as unknown as Slot
}

export function tokenItem(token: FreeToken): Item {
  const { key, ...rest } = token
  return { ...tokenItemKey(token.pool, key), ...rest }
}

/** What lies among the free tokens of its pool exactly as long as the slot is free. */
export const tokenOfSlot = (slot: FreeSlot): FreeToken => ({
  key: slot.token,
  pool: slot.pool,
  host: slot.host,
  number: slot.number,
  epoch: slot.epoch,
  warm: slot.warm,
  ...(slot.tainted ? { tainted: slot.tainted } : {}),
  ...(slot.usedAt === undefined ? {} : { usedAt: slot.usedAt }),
})

export function tokenOf(item: Item): FreeToken {
  const { PK: _, SK, ...rest } = item
  return { ...rest, key: SK } as unknown as FreeToken
}

export function hostItem(host: Host): Item {
  const { isolation, lastSeenAt, reason, changed, probe, ...rest } = host
  return {
    ...hostKey(host.name),
    ...rest,
    ...(isolation === undefined ? {} : { isolation }),
    ...(lastSeenAt === undefined ? {} : { lastSeenAt }),
    ...(reason === undefined ? {} : { reason }),
    ...(changed === undefined ? {} : { changed: { ...changed } }),
    ...(probe === undefined ? {} : { probe: { ...probe } }),
  }
}

export function hostOf(item: Item): Host {
  const { PK: _, SK: _sk, version: _v, opId: _op, ...rest } = item
  return rest as unknown as Host
}
