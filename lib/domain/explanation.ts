import { expectedBack, expectedTurn } from './estimate.ts'
import type { HoldingLease, Lease } from './lease.ts'
import { isHolding } from './lease.ts'
import type { Host, HostState, Slot } from './slot.ts'
import { givesLeases } from './slot.ts'

/** Why a lease waits in one of its pools; times in epoch milliseconds, durations in milliseconds. */
export interface PoolExplanation {
  readonly pool: string
  /** 1 = next. */
  readonly rank: number
  readonly blocked: PoolBlock
  /** Of recent leases, from acquired to the next one's; not there until one has ended. */
  readonly meanHold?: number
  /** When its turn may be expected to come, from recent holds; not there where that would be a guess. */
  readonly expectedAt?: number
  readonly hosts: readonly HostExplanation[]
}

/**
 * `blueprint_disabled`: an operator's. `no_hosts`: the pool has none. `no_host_gives_leases`: all are draining,
 * quarantined or disabled. `slots_not_clean`: what is not held cannot be confirmed clean, or is about to be. `queue`:
 * others are ahead. `slots_held`: it is next, and every slot is in use. `being_served`: a slot is free, and on its way.
 */
export type PoolBlock =
  | 'blueprint_disabled'
  | 'no_hosts'
  | 'no_host_gives_leases'
  | 'slots_not_clean'
  | 'slots_held'
  | 'queue'
  | 'being_served'

export interface HostExplanation {
  readonly host: string
  readonly state: HostState
  readonly reason?: string
  /** `free`: it has a free slot. */
  readonly blocked: 'free' | 'slots_held' | 'slots_not_clean' | Exclude<HostState, 'active'>
  readonly slots: readonly SlotExplanation[]
}

export interface SlotExplanation {
  readonly number: number
  readonly state: Slot['state']
  readonly holder?: Holder
}

export interface Holder {
  readonly status: HoldingLease['status']
  /** Since it may use the slot, or was given it. */
  readonly since?: number
  /** Until it expires unless it is renewed, and the latest that it can be renewed to. */
  readonly until?: number
  readonly atMostUntil?: number
  /** Who it is; only for those who may know. */
  readonly lease?: { readonly id: string; readonly tenant: string; readonly owner: string }
}

export interface PoolSeen {
  readonly pool: string
  readonly rank: number
  /** Its blueprint gives no leases. */
  readonly disabled: boolean
  readonly meanHold: number | undefined
  readonly now: number
  readonly hosts: readonly { readonly host: Host; readonly slots: readonly Slot[] }[]
  /** The leases that hold slots, by id. */
  readonly holders: ReadonlyMap<string, Lease>
  readonly mayKnow: (lease: Lease) => boolean
}

export function explainPool(seen: PoolSeen): PoolExplanation {
  const { pool, rank, meanHold } = seen
  const expectedAt = seen.disabled ? undefined : expectedTurn(rank, backTimes(seen), meanHold)
  return {
    pool,
    rank,
    blocked: blockOf(seen),
    ...(meanHold === undefined ? {} : { meanHold }),
    ...(expectedAt === undefined ? {} : { expectedAt }),
    hosts: seen.hosts.map(({ host, slots }) => ({
      host: host.name,
      state: host.state,
      ...(host.reason === undefined ? {} : { reason: host.reason }),
      blocked: hostBlockOf(host, slots),
      slots: slots.map((slot) => explainSlot(slot, seen)),
    })),
  }
}

function blockOf({ disabled, hosts, rank }: PoolSeen): PoolBlock {
  if (disabled) return 'blueprint_disabled'
  if (hosts.length === 0) return 'no_hosts'
  const giving = hosts.filter(({ host }) => givesLeases(host))
  if (giving.length === 0) return 'no_host_gives_leases'
  const slots = giving.flatMap((one) => one.slots)
  const free = slots.filter((slot) => slot.state === 'free').length
  if (rank <= free) return 'being_served'
  if (rank > 1) return 'queue'
  return slots.some((slot) => slot.state === 'held') ? 'slots_held' : 'slots_not_clean'
}

function hostBlockOf(host: Host, slots: readonly Slot[]): HostExplanation['blocked'] {
  if (host.state !== 'active') return host.state
  if (slots.some((slot) => slot.state === 'free')) return 'free'
  return slots.some((slot) => slot.state === 'held') ? 'slots_held' : 'slots_not_clean'
}

/** When each slot that will be given to somebody may be expected to be. */
function backTimes({ hosts, holders, meanHold, now }: PoolSeen): readonly number[] {
  return hosts
    .filter(({ host }) => givesLeases(host))
    .flatMap(({ slots }) => slots)
    .flatMap((slot) => {
      if (slot.state === 'free') return [now]
      const holder = slot.state === 'held' ? holders.get(slot.lease) : undefined
      const back = holder && isHolding(holder) ? expectedBack(holder, meanHold, now) : undefined
      return back === undefined ? [] : [back]
    })
}

function explainSlot(slot: Slot, { holders, mayKnow }: PoolSeen): SlotExplanation {
  const lease = slot.state === 'held' ? holders.get(slot.lease) : undefined
  return {
    number: slot.number,
    state: slot.state,
    ...(lease && isHolding(lease) ? { holder: holderOf(lease, mayKnow(lease)) } : {}),
  }
}

function holderOf(lease: HoldingLease, known: boolean): Holder {
  const { id, tenant, owner, status } = lease
  const since = status === 'acquired' ? lease.acquiredAt : lease.activatedAt
  return {
    status,
    ...(since === undefined ? {} : { since }),
    ...(status === 'active' ? { until: lease.expiresAt, atMostUntil: lease.maxExpiresAt } : {}),
    ...(status === 'kept' ? { until: lease.holdUntil } : {}),
    ...(known ? { lease: { id, tenant, owner } } : {}),
  }
}
