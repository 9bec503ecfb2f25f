import type { Isolation } from './isolation.ts'
import type { Keep } from './working-copy.ts'

/**
 * A lease: a principal's time-limited, exclusive right to one slot, or to a working copy on one slot.
 * The union is by status: a field exists only in the states in which it is true.
 * All times are epoch milliseconds, all durations milliseconds.
 *
 *   pending    waits for a slot, holds a place in the queue of each of its pools
 *   acquired   holds a slot that is being made ready
 *   active     usable until `expiresAt`
 *   kept       failed and left standing for a look, until `holdUntil`
 *   released   over; the slot is being cleaned
 *   broken     over, because it never became usable or its host was lost; cleaned like released
 *   destroyed  over, and nothing of it is left
 */
export type Lease =
  | PendingLease
  | AcquiredLease
  | ActiveLease
  | KeptLease
  | ReleasedLease
  | BrokenLease
  | DestroyedLease

export type LeaseStatus = Lease['status']
/** A lease that has, or had until its cleaning ends, a slot. */
export type HoldingLease = AcquiredLease | ActiveLease | KeptLease | ReleasedLease | BrokenLease
/** Living leases have exactly one timer and one permit. */
export type LivingLease = Exclude<Lease, DestroyedLease>

/** What a working-copy lease hands out. */
export interface Checkout extends CheckedOut {
  /** A collection: the name of its copy, and the repositories that lie beside the first one, which is the default. */
  readonly collection?: string
  readonly beside?: readonly CheckedOut[]
}

export interface CheckedOut {
  readonly repository: string
  readonly commit: string
  /** Within the working copy; not there: it is the working copy. */
  readonly directory?: string
  readonly merges?: readonly Merge[]
}

/** A branch, tag, ref or commit that is put on top of the commit asked for. */
export interface Merge {
  readonly how: 'merge' | 'squash'
  readonly ref: string
}

export interface MergedRef extends Merge {
  readonly commit: string
}

/** Why a merge could not be made. */
export interface MergeConflict {
  readonly repository: string
  readonly phase: string
  readonly ref: string
  readonly files: readonly string[]
  /** There are more. */
  readonly truncated: boolean
  readonly stderr: string
}

/** Fixed when the lease is made. */
export interface Terms {
  readonly id: string
  readonly tenant: string
  /** Principal that asked. */
  readonly owner: string
  readonly type: 'host' | 'working-copy'
  readonly blueprint: string
  readonly pools: readonly string[]
  /** Place in each pool's queue; kept over a requeue. */
  readonly waiters: Readonly<Record<string, string>>
  readonly priority: number
  /** Its jobs never run below this level. */
  readonly leastIsolation: Isolation
  /** Its principal runs code that nobody vouches for. */
  readonly untrusted?: true
  readonly checkout?: Checkout
  /** What becomes of its working copy afterwards; only with a checkout. */
  readonly keep?: Keep
  readonly note?: string
  /** Milliseconds that it stays for a look when its holder says that it failed. */
  readonly keepFor?: number
  readonly createdAt: number
  readonly waitDeadline: number
  readonly ttl: number
  readonly maxHold: number
  readonly activationTime: number
  /** Times that its activation may say "not yet". */
  readonly yields: number
  /** Bytes that are kept of a command's output, where its blueprint allows less than others. */
  readonly output?: number
  readonly permit: number
  readonly tokenSalt: string
  readonly tokenHash: string
}

/** Moves with the lease's life. */
export interface Progress {
  /** Raised by every transition; the condition of each of them. */
  readonly version: number
  /** Activations that failed by a host's fault, oldest first. */
  readonly failures: readonly HostFailure[]
  /** Number of the last command; 0 = none yet. */
  readonly commands: number
}

export interface HostFailure {
  readonly host: string
  readonly code: string
  readonly detail: string
}

export interface Held {
  readonly slot: SlotId
  readonly epoch: number
}

export interface SlotId {
  readonly host: string
  readonly number: number
  readonly pool: string
}

interface Living extends Terms, Progress {
  /** When the sweep looks at it next. */
  readonly timer: number
  /** Where its execution waits, if it does; a bearer secret. */
  readonly taskToken?: string
}

export interface PendingLease extends Living {
  readonly status: 'pending'
  /** Its blueprint is disabled: its places are kept beside the queues. */
  readonly parked?: true
}

export interface AcquiredLease extends Living, Held {
  readonly status: 'acquired'
  readonly acquiredAt: number
  readonly activationDeadline: number
  readonly yielded?: Yielded
}

/** The last "not yet" of an activation, and the how manieth it was. */
export interface Yielded {
  /** Whose fault it is that the activation takes so long. */
  readonly fault: 'remote' | 'none'
  readonly detail: string
  readonly count: number
}

export interface ActiveLease extends Living, Held {
  readonly status: 'active'
  readonly activatedAt: number
  readonly expiresAt: number
  readonly maxExpiresAt: number
  /** The level that its slot was opened at. */
  readonly isolation: Isolation
  /** Where its host was suspected: how often it ever had been then. */
  readonly suspicions?: number
  readonly receipt?: Receipt
  /** Id of its working copy. */
  readonly copy?: string
}

export interface KeptLease extends Living, Held {
  readonly status: 'kept'
  readonly activatedAt: number
  readonly holdUntil: number
  readonly isolation: Isolation
  readonly receipt?: Receipt
  readonly copy?: string
}

export interface Ending {
  readonly reason: Reason
  readonly detail?: string
  readonly conflict?: MergeConflict
  readonly endedAt: number
}

export interface ReleasedLease extends Living, Held, Ending {
  readonly status: 'released'
  readonly activatedAt?: number
  readonly isolation?: Isolation
  readonly receipt?: Receipt
  readonly copy?: string
}

export interface BrokenLease extends Living, Held, Ending {
  readonly status: 'broken'
  readonly activatedAt?: number
  readonly isolation?: Isolation
  readonly receipt?: Receipt
  readonly copy?: string
}

export interface DestroyedLease extends Terms, Progress, Ending, Partial<Held> {
  readonly status: 'destroyed'
  readonly destroyedAt: number
  /** Where its execution still waits, until it was told. */
  readonly taskToken?: string
  readonly activatedAt?: number
  readonly isolation?: Isolation
  readonly receipt?: Receipt
  readonly copy?: string
}

/** Every lease that ended says why. */
export type Reason =
  | 'released'
  | 'expired'
  | 'cancelled'
  | 'wait_timeout'
  | 'request_failed'
  | 'activation_failed'
  | 'host_lost'
  | 'operator'

/** Proof of what was handed out. `tree` equals the tree id of `commit` in the mirror, proven from raw bytes. */
export interface Receipt {
  readonly commit: string
  readonly tree: string
  /** Absolute path of the working copy on the host. */
  readonly path: string
  readonly files: number
  readonly fetched: boolean
  readonly milliseconds: number
  /** With merges: the commit asked for, and what was merged onto it; `commit` and `tree` are what came of it. */
  readonly base?: string
  readonly merged?: readonly MergedRef[]
  /** Of a collection: the others, by their directories. */
  readonly beside?: Readonly<Record<string, Receipt>>
}

/** One entry of a lease's timeline; its number is the version that the transition made. */
export interface TimelineEvent {
  readonly version: number
  readonly at: number
  readonly type: string
  readonly actor: string
  readonly cause?: string
  readonly detail?: Readonly<Record<string, string | number | boolean>>
}

export const isLiving = (lease: Lease): lease is LivingLease => lease.status !== 'destroyed'

export const isHolding = (lease: Lease): lease is HoldingLease =>
  lease.status !== 'destroyed' && lease.status !== 'pending'

/** Usable at this moment; expiry counts from its instant on, whoever acts on it later. */
export const isUsable = (lease: Lease, now: number): lease is ActiveLease =>
  lease.status === 'active' && now < lease.expiresAt
