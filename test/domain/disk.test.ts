import { expect, test } from 'vitest'
import { copiesForRoom, overBudget } from '../../lib/domain/disk.ts'
import type { Slot } from '../../lib/domain/slot.ts'
import type { ActiveCopy, WorkingCopy } from '../../lib/domain/working-copy.ts'

const copy = (number: number, usedAt: number, bytes?: number): ActiveCopy => ({
  id: `alpha.${number}.${usedAt}`,
  host: 'alpha',
  number,
  pool: 'linux',
  name: `copy-${usedAt}`,
  blueprint: 'checkout',
  repositories: [{ repository: 'example' }],
  createdAt: 0,
  version: 2,
  events: [],
  state: 'active',
  lease: 'some',
  epoch: usedAt,
  usedAt,
  keep: { idle: 1_000, perSlot: 3 },
  ...(bytes === undefined ? {} : { bytes }),
})
const slot = (number: number, state: Slot['state']): Slot =>
  ({ host: 'alpha', number, pool: 'linux', epoch: 1, nonce: 'n', offered: true, warm: [], state }) as Slot
const SLOTS = [slot(0, 'free'), slot(1, 'held'), slot(2, 'withheld'), slot(3, 'dirty')]

test.each([
  [{ freeBytes: 150, totalBytes: 1_000 }, 0],
  [{ freeBytes: 149, totalBytes: 1_000 }, 1],
  [{ freeBytes: 0, totalBytes: 1_000 }, 150],
  [{ freeBytes: 1_000, totalBytes: 1_000 }, 0],
])('a disk with %j has %i bytes more in use than its budget', (disk, bytes) => {
  expect(overBudget(disk)).toBe(bytes)
})

test('the copies used longest ago go first, on whichever idle slot, and no more than are needed', () => {
  const copies = [copy(0, 5, 10), copy(2, 3, 10), copy(0, 4, 10)]

  const chosen = copiesForRoom(copies, SLOTS, 15)

  expect(chosen.map(({ usedAt }) => usedAt)).toEqual([3, 4])
})

test('a copy on a slot that somebody has, or that is being cleaned, never goes', () => {
  const chosen = copiesForRoom([copy(1, 1, 10), copy(3, 2, 10)], SLOTS, 15)

  expect(chosen).toEqual([])
})

test('after a copy whose size nobody knows it is looked again before another one goes', () => {
  const chosen = copiesForRoom([copy(0, 1), copy(0, 2, 10)], SLOTS, 15)

  expect(chosen.map(({ usedAt }) => usedAt)).toEqual([1])
})

test('none goes while others that were given up for the disk are still there', () => {
  const going: WorkingCopy = { ...copy(3, 1, 10), state: 'released', reason: 'disk' }

  const chosen = copiesForRoom([going, copy(0, 2, 10)], SLOTS, 15)

  expect(chosen).toEqual([])
})
