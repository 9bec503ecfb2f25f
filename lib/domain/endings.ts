import type {
  AcquiredLease,
  ActiveLease,
  BrokenLease,
  DestroyedLease,
  Ending,
  HoldingLease,
  KeptLease,
  LivingLease,
  PendingLease,
  Progress,
  ReleasedLease,
  Terms,
} from './lease.ts'
import { TIMERS } from './limits.ts'
import type { Cause, Step } from './step.ts'
import { told } from './step.ts'

/** The holder is done, the time is over, or somebody with the right to it ended the lease. */
export function release(
  lease: AcquiredLease | ActiveLease | KeptLease,
  ending: Omit<Ending, 'endedAt'>,
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
  lease: AcquiredLease | ActiveLease | KeptLease,
  ending: Omit<Ending, 'endedAt'>,
  by: Cause,
): Step<BrokenLease> {
  const next: BrokenLease = { ...ended(lease, ending, by), status: 'broken' }
  return {
    lease: next,
    event: told(next.version, 'broken', by, {
      reason: ending.reason,
      ...(ending.detail === undefined ? {} : { detail: ending.detail }),
    }),
  }
}

/** A waiting lease ends without ever having had a slot. */
export function cancel(
  lease: PendingLease,
  ending: Omit<Ending, 'endedAt'>,
  by: Cause,
): Step<DestroyedLease> {
  return destroyed(lease, { ...ending, endedAt: by.now }, by)
}

/** Its cleaning was confirmed, or the slot was marked as in need of it. */
export function destroy(lease: ReleasedLease | BrokenLease, by: Cause): Step<DestroyedLease> {
  return destroyed(lease, lease, by)
}

function ended(
  lease: AcquiredLease | ActiveLease | KeptLease,
  ending: Omit<Ending, 'endedAt'>,
  by: Cause,
): Omit<ReleasedLease, 'status'> {
  return {
    ...lasting(lease),
    ...(lease.status === 'acquired' ? {} : used(lease)),
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
  ending: Ending,
  by: Cause,
): Step<DestroyedLease> {
  const next: DestroyedLease = {
    ...lasting(lease),
    ...(lease.status === 'pending'
      ? waitingPlace(lease)
      : { slot: lease.slot, epoch: lease.epoch, ...used(lease) }),
    status: 'destroyed',
    version: lease.version + 1,
    reason: ending.reason,
    ...detailOf(ending),
    endedAt: ending.endedAt,
    destroyedAt: by.now,
  }
  return { lease: next, event: told(next.version, 'destroyed', by, { reason: ending.reason }) }
}

const waitingPlace = ({ taskToken }: PendingLease) => (taskToken === undefined ? {} : { taskToken })

/** What a lease keeps from its making to its end. */
function lasting(lease: LivingLease): Terms & Progress {
  const { id, tenant, owner, type, blueprint, pools, waiters, priority, leastIsolation, untrusted } = lease
  const { checkout, keep, note, keepFor, createdAt, waitDeadline, ttl, maxHold, activationTime } = lease
  const { yields, output, permit, tokenSalt, tokenHash } = lease
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
    leastIsolation,
    ...(untrusted ? { untrusted } : {}),
    ...(checkout ? { checkout } : {}),
    ...(keep ? { keep } : {}),
    ...(note === undefined ? {} : { note }),
    ...(keepFor === undefined ? {} : { keepFor }),
    createdAt,
    waitDeadline,
    ttl,
    maxHold,
    activationTime,
    yields,
    ...(output === undefined ? {} : { output }),
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
  ...(lease.isolation === undefined ? {} : { isolation: lease.isolation }),
  ...(lease.receipt ? { receipt: lease.receipt } : {}),
  ...(lease.copy === undefined ? {} : { copy: lease.copy }),
})

const detailOf = ({ detail, conflict }: Pick<Ending, 'detail' | 'conflict'>) => ({
  ...(detail === undefined ? {} : { detail }),
  ...(conflict ? { conflict } : {}),
})
