import type { HostAnswer, SlotRef } from '../../app/ports/hosts.ts'

export interface Fences {
  /** `wiped` is told of the slot when it is started anew. */
  init(
    host: string,
    slot: SlotRef & { readonly seen: string | null },
    wiped?: (slot: string) => void,
  ): HostAnswer<object>
  open(host: string, slot: SlotRef): HostAnswer<object>
  close(host: string, slot: SlotRef): HostAnswer<object>
  requireOpen(host: string, slot: SlotRef): HostAnswer<object>
  /** Open or closed, but of this very epoch. Whether it is open. */
  requireSettled(host: string, slot: SlotRef): HostAnswer<{ readonly open: boolean }>
  /** Drops all that the host knew. */
  forget(host: string, wiped?: (slot: string) => void): void
}

interface Fence {
  readonly epoch: number
  readonly status: 'open' | 'closed'
  readonly nonce: string
}

export const done = <T>(value: T): HostAnswer<T> => ({ kind: 'done', value })

/**
 * The host script's rules of fencing, in memory. `onEmptied` is told of each slot (`host/number`) whose processes a
 * verb would kill.
 */
export function createFences(onEmptied: (slot: string) => void): Fences {
  const fences = new Map<string, Fence>()
  const keyOf = (host: string, slot: SlotRef): string => `${host}/${slot.slot}`
  const store = (key: string, fence: Fence): HostAnswer<object> => {
    fences.set(key, fence)
    onEmptied(key)
    return done({})
  }
  return {
    forget: (host, wiped) => {
      for (const key of fences.keys()) {
        if (!key.startsWith(`${host}/`)) continue
        fences.delete(key)
        onEmptied(key)
        wiped?.(key)
      }
    },
    init: (host, slot, wiped) => {
      const key = keyOf(host, slot)
      const fence = fences.get(key)
      if (fence?.nonce === slot.nonce && fence.epoch === slot.epoch) return done({})
      if ((fence?.nonce ?? null) !== slot.seen) return unknown(fence)
      wiped?.(key)
      return store(key, { epoch: slot.epoch, status: 'closed', nonce: slot.nonce })
    },
    open: (host, slot) => {
      const key = keyOf(host, slot)
      const fence = fences.get(key)
      if (fence?.nonce !== slot.nonce) return unknown(fence)
      if (slot.epoch < fence.epoch) return refused('stale', fence)
      if (slot.epoch > fence.epoch) return store(key, { ...fence, epoch: slot.epoch, status: 'open' })
      return fence.status === 'open' ? done({}) : refused('closed', fence)
    },
    close: (host, slot) => {
      const key = keyOf(host, slot)
      const fence = fences.get(key)
      if (fence?.nonce !== slot.nonce) return unknown(fence)
      if (slot.epoch < fence.epoch) return done({})
      return store(key, { ...fence, epoch: slot.epoch, status: 'closed' })
    },
    requireOpen: (host, slot) => {
      const fence = fences.get(keyOf(host, slot))
      if (fence?.nonce !== slot.nonce) return unknown(fence)
      if (slot.epoch < fence.epoch) return refused('stale', fence)
      if (slot.epoch > fence.epoch) return refused('opening', fence)
      return fence.status === 'open' ? done({}) : refused('closed', fence)
    },
    requireSettled: (host, slot) => {
      const fence = fences.get(keyOf(host, slot))
      if (fence?.nonce !== slot.nonce) return unknown(fence)
      if (slot.epoch < fence.epoch) return refused('stale', fence)
      return slot.epoch > fence.epoch ? refused('opening', fence) : done({ open: fence.status === 'open' })
    },
  }
}

const unknown = (fence: Fence | undefined): HostAnswer<never> => ({
  kind: 'refused',
  code: 'unknown',
  detail: describe(fence),
  seen: fence?.nonce ?? null,
})

const refused = (code: 'stale' | 'closed' | 'opening', fence: Fence): HostAnswer<never> => ({
  kind: 'refused',
  code,
  detail: describe(fence),
})

const describe = (fence: Fence | undefined): string =>
  `the slot is at epoch ${fence?.epoch ?? 0}, ${fence?.status ?? 'none'}`
