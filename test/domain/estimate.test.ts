import fc from 'fast-check'
import { expect, test } from 'vitest'
import { release } from '../../lib/domain/endings.ts'
import { expectedBack, expectedTurn } from '../../lib/domain/estimate.ts'
import type { HoldingLease, KeptLease } from '../../lib/domain/lease.ts'
import { acquire, activate } from '../../lib/domain/transitions.ts'
import { NOON, pending, SLOT } from '../support/lease-builder.ts'

const MINUTE = 60_000
const by = { now: NOON, actor: 'execution' }
const acquired = acquire(pending(), SLOT, 8, by).lease
const active = activate(acquired, { isolation: 'user' }, by).lease
const released = release(active, { reason: 'released' }, by).lease
const { expiresAt: _, maxExpiresAt: _max, ...rest } = active
const kept: KeptLease = { ...rest, status: 'kept', holdUntil: NOON + 7 * MINUTE }

test.each<[string, HoldingLease, number | undefined, number, number | undefined]>([
  ['an acquired lease: a mean hold after it was given the slot', acquired, 10 * MINUTE, 2, 10],
  ['an active lease: a mean hold after it became so', active, 10 * MINUTE, 2, 10],
  ['one that is held for longer than most: another mean hold from now', active, 10 * MINUTE, 25, 35],
  ['never later than it can be renewed to', active, 600 * MINUTE, 2, 240],
  ['never before now', active, 10 * MINUTE, 250, 250],
  ['one that is over: now', released, 10 * MINUTE, 2, 2],
  ['one that is kept: when that is over', kept, 10 * MINUTE, 2, 7],
  ['one that should not be kept any more: now', kept, undefined, 9, 9],
  ['nothing where nothing is known of holds', active, undefined, 2, undefined],
])('a slot is expected back from %s', (_title, lease, meanHold, minutes, expected) => {
  const back = expectedBack(lease, meanHold, NOON + minutes * MINUTE)

  expect(back).toBe(expected === undefined ? undefined : NOON + expected * MINUTE)
})

test.each<[string, number, readonly number[], number | undefined, number | undefined]>([
  ['the next one gets the slot that comes back first', 1, [30, 10, 20], 100, 10],
  ['the second one the slot that comes back then', 2, [30, 10, 20], 100, 20],
  ['slots come back again after a mean hold', 4, [30, 10, 20], 5, 20],
  ['with one slot each turn is a mean hold', 4, [10], 5, 25],
  ['where no slot is expected nobody can say', 1, [], 5, undefined],
  ['nor where too few are, and holds are not known', 3, [10, 20], undefined, undefined],
  ['but for those who need no hold to end that is enough', 2, [10, 20], undefined, 20],
])('a turn is expected: %s', (_title, rank, back, meanHold, expected) => {
  expect(expectedTurn(rank, back, meanHold)).toBe(expected)
})

/** As one would play it: minute by minute, whoever is next takes a slot that is back. */
function played(rank: number, back: readonly number[], hold: number): number {
  const slots = [...back]
  for (let turn = 1; ; turn++) {
    const next = Math.min(...slots)
    if (turn === rank) return next
    slots[slots.indexOf(next)] = next + hold
  }
}

test('an expected turn is the one that a queue comes to that is played', () => {
  const back = fc.array(fc.integer({ min: 0, max: 1_000 }), { minLength: 1, maxLength: 8 })

  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 40 }),
      back,
      fc.integer({ min: 0, max: 300 }),
      (rank, times, hold) => {
        expect(expectedTurn(rank, times, hold)).toBe(played(rank, times, hold))
      },
    ),
  )
})
