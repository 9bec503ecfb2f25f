import type {
  AcquiredLease,
  ActiveLease,
  HostFailure,
  KeptLease,
  PendingLease,
  Receipt,
  SlotId,
  Terms,
} from './lease.ts'
import type { Isolation } from './isolation.ts'
import { TIMERS } from './limits.ts'
import type { Cause, Step } from './step.ts'
import { told } from './step.ts'

/** From request to use. How leases end: endings.ts */

export function create(terms: Terms, by: Cause): Step<PendingLease> {
  const lease: PendingLease = {
    ...terms,
    status: 'pending',
    version: 1,
    failures: [],
    commands: 0,
    timer: Math.min(by.now + TIMERS.step, terms.waitDeadline),
  }
  return { lease, event: told(lease.version, 'created', by) }
}

export function acquire(lease: PendingLease, slot: SlotId, epoch: number, by: Cause): Step<AcquiredLease> {
  const { status: _, taskToken, parked: _parked, ...rest } = lease
  const next: AcquiredLease = {
    ...rest,
    status: 'acquired',
    version: lease.version + 1,
    slot,
    epoch,
    acquiredAt: by.now,
    activationDeadline: by.now + lease.activationTime,
    timer: by.now + TIMERS.step,
    ...(taskToken === undefined ? {} : { taskToken }),
  }
  return {
    lease: next,
    event: told(next.version, 'acquired', by, { host: slot.host, slot: slot.number, epoch }),
  }
}

/** What the host made ready: the level of its slot, and of a working copy the proof and the record. */
export interface Ready {
  readonly isolation: Isolation
  readonly suspicions?: number
  readonly receipt?: Receipt
  readonly copy?: string
}

export function activate(lease: AcquiredLease, ready: Ready, by: Cause): Step<ActiveLease> {
  const { status: _, acquiredAt: _at, activationDeadline: _by, yielded: _y, ...rest } = lease
  const maxExpiresAt = by.now + lease.maxHold
  const expiresAt = Math.min(by.now + lease.ttl, maxExpiresAt)
  const next: ActiveLease = {
    ...rest,
    status: 'active',
    version: lease.version + 1,
    activatedAt: by.now,
    expiresAt,
    maxExpiresAt,
    timer: expiresAt + TIMERS.step,
    ...ready,
  }
  const { isolation, receipt } = ready
  const proof = receipt && {
    commit: receipt.commit,
    tree: receipt.tree,
    milliseconds: receipt.milliseconds,
  }
  return { lease: next, event: told(next.version, 'activated', by, { isolation, ...proof }) }
}

/** A host failed the activation: the lease goes back to the very place in the queue that it had. */
export function requeue(lease: AcquiredLease, failure: HostFailure, by: Cause): Step<PendingLease> {
  const {
    status: _,
    slot: _slot,
    epoch: _epoch,
    acquiredAt: _at,
    activationDeadline: _by,
    yielded: _y,
    ...rest
  } = lease
  const next: PendingLease = {
    ...rest,
    status: 'pending',
    version: lease.version + 1,
    failures: [...lease.failures, failure],
    timer: Math.min(by.now + TIMERS.step, Math.max(lease.waitDeadline, by.now)),
  }
  return {
    lease: next,
    event: told(next.version, 'requeued', by, {
      host: failure.host,
      code: failure.code,
      detail: failure.detail,
    }),
  }
}

/** An operator lets it last until then, be that past its hard maximum, which goes with it. Never shortens it. */
export function extend(lease: ActiveLease, until: number, reason: string, by: Cause): Step<ActiveLease> {
  const expiresAt = Math.max(lease.expiresAt, until)
  const maxExpiresAt = Math.max(lease.maxExpiresAt, until)
  const next: ActiveLease = {
    ...lease,
    version: lease.version + 1,
    expiresAt,
    maxExpiresAt,
    timer: expiresAt + TIMERS.step,
  }
  const past = Math.round((maxExpiresAt - lease.maxExpiresAt) / 1_000)
  const seconds = Math.round((expiresAt - by.now) / 1_000)
  return { lease: next, event: told(next.version, 'extended', by, { reason, seconds, pastMaximum: past }) }
}

/** Its holder says that it failed and asked beforehand that it then stays for a look. */
export function keep(lease: ActiveLease, keepFor: number, by: Cause): Step<KeptLease> {
  const { status: _, expiresAt: _at, maxExpiresAt: _max, suspicions: _s, ...rest } = lease
  const holdUntil = by.now + keepFor
  const next: KeptLease = {
    ...rest,
    status: 'kept',
    version: lease.version + 1,
    holdUntil,
    timer: holdUntil + TIMERS.step,
  }
  return { lease: next, event: told(next.version, 'kept', by, { seconds: Math.round(keepFor / 1_000) }) }
}
