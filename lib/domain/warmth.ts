import type { ActiveCopy, CopyEnd, WorkingCopy } from './working-copy.ts'
import { idleSince, isWarm } from './working-copy.ts'

/** What becomes of the copies of a slot: these stay warm, the one used last first; those go, and why. */
export interface Sorted {
  readonly stay: readonly ActiveCopy[]
  readonly go: readonly Going[]
}

export interface Going {
  readonly copy: WorkingCopy
  readonly why: CopyEnd
}

/**
 * Of the copies of a slot that no lease uses: given up, failed and partial ones go, then those that stood idle for too
 * long, then the least recently used beyond `room`.
 */
export function sortCopies(copies: readonly WorkingCopy[], now: number, room = roomOf(copies)): Sorted {
  const warm = copies.filter(isWarm).toSorted(lastUsedFirst)
  const fresh = warm.filter((copy) => !idleSince(copy, now))
  const stay = fresh.slice(0, Math.max(0, room))
  const go = copies.flatMap((copy): Going[] => {
    if (stay.some((one) => one === copy)) return []
    return [{ copy, why: whyGone(copy, now) }]
  })
  return { stay, go }
}

function whyGone(copy: WorkingCopy, now: number): CopyEnd {
  switch (copy.state) {
    case 'pending':
      return 'partial'
    case 'active':
      return idleSince(copy, now) ? 'idle' : 'too_many'
    case 'released':
    case 'broken':
      return copy.reason
  }
}

/** What the lease that used the slot last was promised. */
const roomOf = (copies: readonly WorkingCopy[]): number =>
  copies.filter(isWarm).toSorted(lastUsedFirst)[0]?.keep.perSlot ?? 0

/** Of one name there may be one that goes beside the one that is in use. */
export const copyInUse = (copies: readonly WorkingCopy[], name: string) =>
  copies.find(
    (copy): copy is Extract<WorkingCopy, { state: 'pending' | 'active' }> =>
      copy.name === name && (copy.state === 'pending' || copy.state === 'active'),
  )

/** The names that the match prefers a slot for: its warm copies, the one used last first. */
export const warmNames = (stay: readonly ActiveCopy[]): readonly string[] =>
  stay.toSorted(lastUsedFirst).map((copy) => copy.name)

/** When the first of them will have stood idle for too long; undefined where none is kept. */
export const firstIdle = (stay: readonly ActiveCopy[]): number | undefined =>
  stay.length === 0 ? undefined : Math.min(...stay.map(({ usedAt, keep }) => usedAt + keep.idle))

/** Of one slot: epochs order its uses, whatever the clocks said. */
const lastUsedFirst = (one: ActiveCopy, other: ActiveCopy): number => other.epoch - one.epoch
