import type { Slot } from './slot.ts'
import type { ActiveCopy, WorkingCopy } from './working-copy.ts'
import { isWarm } from './working-copy.ts'

export interface DiskSpace {
  readonly freeBytes: number
  readonly totalBytes: number
}

/** Of a host's disk, as much may be in use before idle copies have to go. */
export const DISK_BUDGET = 0.85

/** Bytes that have to be freed for the disk to be within its budget; 0 where it is. */
export const overBudget = ({ freeBytes, totalBytes }: DiskSpace): number =>
  Math.max(0, Math.ceil(totalBytes - freeBytes - totalBytes * DISK_BUDGET))

/** Below both a host takes no new lease: a large disk is not full at two percent. */
const DISK_FLOOR = { bytes: 512 * 1024 * 1024, share: 0.02 }

export const isBelowFloor = ({ freeBytes, totalBytes }: DiskSpace): boolean =>
  freeBytes < DISK_FLOOR.bytes && freeBytes < totalBytes * DISK_FLOOR.share

/**
 * The idle copies that have to go for so many bytes, the one that was used longest ago first. Where it is not known how
 * large one is, it is the last for now: what it brought is seen when it is gone. None while others are on their way.
 */
export function copiesForRoom(
  copies: readonly WorkingCopy[],
  slots: readonly Slot[],
  bytes: number,
): readonly ActiveCopy[] {
  const going = copies.some((copy) => copy.state === 'released' && copy.reason === 'disk')
  if (bytes === 0 || going) return []
  const idle = new Set(
    slots.filter(({ state }) => state === 'free' || state === 'withheld').map(({ number }) => number),
  )
  const candidates = copies
    .filter(isWarm)
    .filter(({ number }) => idle.has(number))
    .toSorted((one, other) => one.usedAt - other.usedAt)
  const chosen: ActiveCopy[] = []
  let room = 0
  for (const copy of candidates) {
    if (room >= bytes) break
    chosen.push(copy)
    if (copy.bytes === undefined) break
    room += copy.bytes
  }
  return chosen
}
