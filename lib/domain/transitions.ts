import type {
  AcquiredLease,
  ActiveLease,
  BrokenLease,
  DestroyedLease,
  HoldingLease,
  HostFailure,
  LivingLease,
  PendingLease,
  Progress,
  Reason,
  Receipt,
  ReleasedLease,
  SlotId,
  Terms,
  TimelineEvent,
} from './lease.ts'
import { TIMERS } from './limits.ts'

/** A transition: the lease as it will be, and the one event that tells of it. Whoever writes it checks the version. */
export interface Step<L> {
  readonly lease: L
  readonly event: TimelineEvent
}

/** Who causes a transition, when, and what made it happen. */
export interface Cause {
  readonly now: number
  readonly actor: string
  readonly cause?: string
}

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
  const { status: _, taskToken, ...rest } = lease
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

export function activate(lease: AcquiredLease, receipt: Receipt | undefined, by: Cause): Step<ActiveLease> {
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
    ...(receipt ? { receipt } : {}),
  }
  const detail = receipt
    ? { commit: receipt.commit, tree: receipt.tree, milliseconds: receipt.milliseconds }
    : undefined
  return { lease: next, event: told(next.version, 'activated', by, detail) }
}

/** The holder is done, the time is over, or somebody with the right to it ended the lease. */
export function release(
  lease: AcquiredLease | ActiveLease,
  ending: { readonly reason: Reason; readonly detail?: string },
  by: Cause,
): Step<ReleasedLease> {
  const next: ReleasedLease = { ...ended(lease, ending, by), status: 'released' }
  return {
    lease: next,
    event: told(next.version, ending.reason === 'expired' ? 'expired' : 'released', by, {
      reason: ending.reason,
    }),
  }
}

export function breakLease(
  lease: AcquiredLease | ActiveLease,
  ending: { readonly reason: Reason; readonly detail?: string },
  by: Cause,
): Step<BrokenLease> {
  const next: BrokenLease = { ...ended(lease, ending, by), status: 'broken' }
  return {
    lease: next,
    event: told(next.version, 'broken', by, { reason: ending.reason, ...detailOf(ending) }),
  }
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

/** A waiting lease ends without ever having had a slot. */
export function cancel(
  lease: PendingLease,
  ending: { readonly reason: Reason; readonly detail?: string },
  by: Cause,
): Step<DestroyedLease> {
  return destroyed(lease, { ...ending, endedAt: by.now }, by)
}

/** Its cleaning was confirmed, or the slot was marked as in need of it. */
export function destroy(lease: ReleasedLease | BrokenLease, by: Cause): Step<DestroyedLease> {
  return destroyed(lease, lease, by)
}

function ended(
  lease: AcquiredLease | ActiveLease,
  ending: { readonly reason: Reason; readonly detail?: string },
  by: Cause,
): Omit<ReleasedLease, 'status'> {
  return {
    ...lasting(lease),
    ...(lease.status === 'active' ? used(lease) : {}),
    ...(lease.taskToken === undefined ? {} : { taskToken: lease.taskToken }),
    slot: lease.slot,
    epoch: lease.epoch,
    version: lease.version + 1,
    reason: ending.reason,
    ...detailOf(ending),
    endedAt: by.now,
    timer: by.now + TIMERS.step,
  }
}

function destroyed(
  lease: PendingLease | ReleasedLease | BrokenLease,
  ending: { readonly reason: Reason; readonly detail?: string; readonly endedAt: number },
  by: Cause,
): Step<DestroyedLease> {
  const next: DestroyedLease = {
    ...lasting(lease),
    ...(lease.status === 'pending' ? {} : { slot: lease.slot, epoch: lease.epoch, ...used(lease) }),
    status: 'destroyed',
    version: lease.version + 1,
    reason: ending.reason,
    ...detailOf(ending),
    endedAt: ending.endedAt,
    destroyedAt: by.now,
  }
  return { lease: next, event: told(next.version, 'destroyed', by, { reason: ending.reason }) }
}

/** What a lease keeps from its making to its end. */
function lasting(lease: LivingLease): Terms & Progress {
  const { id, tenant, owner, type, blueprint, pools, waiters, priority, checkout, note, createdAt } = lease
  const { waitDeadline, ttl, maxHold, activationTime, permit, tokenSalt, tokenHash } = lease
  const { version, failures, commands } = lease
  return {
    id,
    tenant,
    owner,
    type,
    blueprint,
    pools,
    waiters,
    priority,
    ...(checkout ? { checkout } : {}),
    ...(note === undefined ? {} : { note }),
    createdAt,
    waitDeadline,
    ttl,
    maxHold,
    activationTime,
    permit,
    tokenSalt,
    tokenHash,
    version,
    failures,
    commands,
  }
}

const used = (lease: Exclude<HoldingLease, AcquiredLease>) => ({
  ...(lease.activatedAt === undefined ? {} : { activatedAt: lease.activatedAt }),
  ...(lease.receipt ? { receipt: lease.receipt } : {}),
})

const detailOf = (ending: { readonly detail?: string }) =>
  ending.detail === undefined ? {} : { detail: ending.detail }

function told(
  version: number,
  type: string,
  by: Cause,
  detail?: Readonly<Record<string, string | number | boolean>>,
): TimelineEvent {
  return {
    version,
    at: by.now,
    type,
    actor: by.actor,
    ...(by.cause === undefined ? {} : { cause: by.cause }),
    ...(detail ? { detail } : {}),
  }
}
