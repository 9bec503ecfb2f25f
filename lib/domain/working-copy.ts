import type { CheckedOut, Checkout, Receipt, TimelineEvent } from './lease.ts'
import type { Cause } from './step.ts'
import { told } from './step.ts'

/**
 * A git working copy, or several side by side, on a slot: a resource that outlives the lease it was made for.
 *
 *   pending   recorded, and being made for a lease; what it leaves behind if it does not get there is only part of one
 *   active    has been proven for a lease, and stands warm for the next one
 *   released  given up: nobody uses it any more, and its files go with the next cleaning or lease of the slot
 *   broken    its host failed on it; goes likewise
 *   destroyed its files are gone
 */
export type WorkingCopy = PendingCopy | ActiveCopy | ReleasedCopy | BrokenCopy

interface CopyBase {
  /** Host, slot and the epoch in which it was made: it says itself where it is. */
  readonly id: string
  readonly host: string
  readonly number: number
  readonly pool: string
  /** Its directory among the copies of its slot. One slot has one copy of a name that is in use. */
  readonly name: string
  /** Of the lease that had it last. */
  readonly blueprint: string
  readonly repositories: readonly CopiedRepository[]
  readonly createdAt: number
  /** Raised by every write. */
  readonly version: number
  /** Its timeline. A use by one more lease is no transition. */
  readonly events: readonly TimelineEvent[]
}

export interface CopiedRepository {
  readonly repository: string
  /** Within the copy; not there: the copy itself. */
  readonly directory?: string
  /** Whole id of what was handed out last. */
  readonly commit?: string
}

export interface PendingCopy extends CopyBase {
  readonly state: 'pending'
  /** For which it is being made. */
  readonly lease: string
}

export interface ActiveCopy extends CopyBase, Used {
  readonly state: 'active'
}

export interface Used {
  /** That has it, or had it last, and in which epoch of the slot. */
  readonly lease: string
  readonly epoch: number
  /** When that lease got it, and then when it gave it back. */
  readonly usedAt: number
  readonly keep: Keep
  /** On the disk, when it was last measured. */
  readonly bytes?: number
}

/** How long a copy may stand idle (milliseconds), and how many a slot may keep. */
export interface Keep {
  readonly idle: number
  readonly perSlot: number
}

export interface ReleasedCopy extends CopyBase, Partial<Used> {
  readonly state: 'released'
  readonly reason: CopyEnd
}

export interface BrokenCopy extends CopyBase, Partial<Used> {
  readonly state: 'broken'
  readonly reason: CopyEnd
}

export interface DestroyedCopy extends CopyBase, Partial<Used> {
  readonly state: 'destroyed'
  readonly reason: CopyEnd
  readonly destroyedAt: number
}

/**
 * Why a copy went. `partial`: its lease ended before it was proven. `missing`: its host did not have it any more.
 * `wiped`: its slot was started anew. `too_many`: its slot keeps only so many.
 * `untrusted`: code that nobody vouches for ran on its slot, and the next lease is trusted.
 */
export type CopyEnd =
  | 'idle'
  | 'too_many'
  | 'disk'
  | 'untrusted'
  | 'operator'
  | 'partial'
  | 'checkout_failed'
  | 'missing'
  | 'wiped'
  | 'host_removed'

/** Leases that ask for the same get the same copy. */
export const copyNameOf = (checkout: Checkout): string => checkout.collection ?? checkout.repository

/** All that a lease checks out, the default first. */
export function partsOf(checkout: Checkout): readonly CheckedOut[] {
  const { collection: _, beside = [], ...first } = checkout
  return [first, ...beside]
}

export const repositoriesOf = (checkout: Checkout, receipt?: Receipt): readonly CopiedRepository[] =>
  partsOf(checkout).map(({ repository, directory }, index) => {
    const own = index === 0 ? receipt : receipt?.beside?.[directory ?? '']
    return {
      repository,
      ...(directory === undefined ? {} : { directory }),
      ...(own ? { commit: own.commit } : {}),
    }
  })

export const isWarm = (copy: WorkingCopy): copy is ActiveCopy => copy.state === 'active'

export const idleSince = (copy: ActiveCopy, now: number): boolean => copy.usedAt + copy.keep.idle <= now

export function beginCopy(
  made: Omit<PendingCopy, 'state' | 'version' | 'events' | 'createdAt'>,
  by: Cause,
): PendingCopy {
  return {
    ...made,
    state: 'pending',
    createdAt: by.now,
    version: 1,
    events: [told(1, 'created', by, { lease: made.lease })],
  }
}

/** Proven for a lease: of use from its first time on, and used once more each other time. */
export function useCopy(
  copy: PendingCopy | ActiveCopy,
  use: Pick<Used, 'lease' | 'epoch' | 'keep'> & Pick<CopyBase, 'blueprint' | 'repositories'>,
  by: Cause,
): ActiveCopy {
  const version = copy.version + 1
  const events = copy.state === 'active' ? copy.events : tell(copy, 'activated', by)
  return { ...copy, ...use, state: 'active', usedAt: by.now, version, events }
}

export const giveBackCopy = (copy: ActiveCopy, now: number): ActiveCopy => ({
  ...copy,
  usedAt: now,
  version: copy.version + 1,
})

export const releaseCopy = (copy: PendingCopy | ActiveCopy, reason: CopyEnd, by: Cause): ReleasedCopy => ({
  ...copy,
  state: 'released',
  reason,
  version: copy.version + 1,
  events: tell(copy, 'released', by, { reason }),
})

export const breakCopy = (copy: PendingCopy | ActiveCopy, by: Cause): BrokenCopy => ({
  ...copy,
  state: 'broken',
  reason: 'checkout_failed',
  version: copy.version + 1,
  events: tell(copy, 'broken', by),
})

export function destroyCopy(copy: WorkingCopy, reason: CopyEnd, by: Cause): DestroyedCopy {
  const why = 'reason' in copy ? copy.reason : reason
  return {
    ...copy,
    state: 'destroyed',
    reason: why,
    destroyedAt: by.now,
    version: copy.version + 1,
    events: tell(copy, 'destroyed', by, { reason: why }),
  }
}

const tell = (
  copy: CopyBase,
  type: string,
  by: Cause,
  detail?: Readonly<Record<string, string>>,
): readonly TimelineEvent[] => [...copy.events, told(copy.version + 1, type, by, detail)]
