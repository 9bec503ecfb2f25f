import type { CheckedOut, Receipt, TimelineEvent, Lease as StoredLease } from '../../domain/lease.ts'
import { partsOf } from '../../domain/working-copy.ts'
import type { LeaseView } from '../../app/leases/view-lease.ts'
import type { Lease, LeaseEvents } from '../../contract/lease.ts'
import { given } from './given.ts'
import { inSeconds, iso } from './instant.ts'

/** Named field by field: a lease also holds what authenticates, and that must never come out by accident. */
export function presentLease({ lease, waiting, execution }: LeaseView): Lease {
  return {
    id: lease.id,
    status: lease.status,
    version: lease.version,
    type: lease.type,
    tenant: lease.tenant,
    owner: lease.owner,
    blueprint: lease.blueprint,
    pools: [...lease.pools],
    priority: lease.priority,
    createdAt: iso(lease.createdAt),
    waitDeadline: iso(lease.waitDeadline),
    ttlSeconds: inSeconds(lease.ttl),
    maxHoldSeconds: inSeconds(lease.maxHold),
    tries: lease.failures.length,
    trust: lease.untrusted ? 'untrusted' : 'trusted',
    failures: lease.failures.map(({ host, code, detail }) => ({ host, code, detail })),
    ...given({
      ...presentCheckout(lease.checkout),
      note: lease.note,
      onFailure: lease.keepFor === undefined ? undefined : { holdSeconds: inSeconds(lease.keepFor) },
      waiting,
    }),
    ...presentHolding(lease),
    ...presentEnding(lease),
    execution,
  }
}

function presentCheckout(checkout: StoredLease['checkout']) {
  if (!checkout) return {}
  const { repository, commit, merges, collection } = checkout
  const parts = collection === undefined ? undefined : partsOf(checkout).map(presentPart)
  return given({ repository, commit, merges: merges && [...merges], repositories: parts })
}

const presentPart = ({ repository, commit, directory = '', merges }: CheckedOut) => ({
  repository,
  directory,
  commit,
  ...given({ merges: merges && [...merges] }),
})

const presentReceipt = ({ beside, ...receipt }: Receipt) => ({
  ...presentOne(receipt),
  ...given({
    beside:
      beside &&
      Object.fromEntries(Object.entries(beside).map(([directory, one]) => [directory, presentOne(one)])),
  }),
})

const presentOne = ({ merged, ...receipt }: Omit<Receipt, 'beside'>) => ({
  ...receipt,
  ...given({ merged: merged && [...merged] }),
})

function presentHolding(lease: StoredLease) {
  const slot = 'slot' in lease ? lease.slot : undefined
  return given({
    slot: slot && { host: slot.host, number: slot.number },
    epoch: 'epoch' in lease ? lease.epoch : undefined,
    activationDeadline: lease.status === 'acquired' ? iso(lease.activationDeadline) : undefined,
    activatedAt:
      'activatedAt' in lease && lease.activatedAt !== undefined ? iso(lease.activatedAt) : undefined,
    expiresAt: lease.status === 'active' ? iso(lease.expiresAt) : undefined,
    maxExpiresAt: lease.status === 'active' ? iso(lease.maxExpiresAt) : undefined,
    holdUntil: lease.status === 'kept' ? iso(lease.holdUntil) : undefined,
    isolation: 'isolation' in lease ? lease.isolation : undefined,
    receipt: 'receipt' in lease && lease.receipt ? presentReceipt(lease.receipt) : undefined,
    workingCopy: 'copy' in lease ? lease.copy : undefined,
  })
}

function presentEnding(lease: StoredLease) {
  if (!('reason' in lease)) return {}
  return given({
    reason: lease.reason,
    detail: lease.detail,
    conflict: lease.conflict && { ...lease.conflict, files: [...lease.conflict.files] },
    endedAt: iso(lease.endedAt),
    destroyedAt: lease.status === 'destroyed' ? iso(lease.destroyedAt) : undefined,
  })
}

export const presentEvents = (events: readonly TimelineEvent[]): LeaseEvents => ({
  events: events.map(({ version, at, type, actor, cause, detail }) => ({
    version,
    at: iso(at),
    type,
    actor,
    ...given({ cause, detail }),
  })),
})
