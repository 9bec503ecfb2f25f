import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Look, Pace } from '../../lib/domain/pace.ts'
import { FIRST_HOLD, paceAfter, quantumOf } from '../../lib/domain/pace.ts'
import { seededFraction } from '../support/seeded.ts'

const MINUTE = 60_000

/** What a pool shows to looks a minute apart, all of its slots always in use, their holds begun one after the other. */
function measured(slots: number, holdOf: () => number, minutes: number): Pace | undefined {
  const ends = Array.from({ length: slots }, (_, slot) => Math.ceil((holdOf() * (slot + 1)) / slots))
  let epochs = slots
  let pace: Pace | undefined
  for (let minute = 0; minute <= minutes; minute++) {
    const now = minute * MINUTE
    for (const [slot, end] of ends.entries()) {
      let next = end
      for (; next <= now; next += holdOf()) epochs += 1
      ends[slot] = next
    }
    pace = paceAfter(pace, { now, slots, held: slots, epochs })
  }
  return pace
}

const hold = fc.integer({ min: 2_000, max: 10 * MINUTE })
const longEnough = (length: number) => Math.ceil((20 * length) / MINUTE) + 20

test('a pool that gives twenty slots a minute away knows its mean hold within a tenth', () => {
  fc.assert(
    fc.property(hold, (length) => {
      const slots = Math.ceil((20 * length) / MINUTE)

      const pace = measured(slots, () => length, longEnough(length))

      expect(Math.abs((pace?.meanHold ?? 0) - length) / length).toBeLessThan(0.1)
    }),
  )
})

test('a pool of one slot that is given away now and then knows its mean hold to a factor of two', () => {
  fc.assert(
    fc.property(hold, (length) => {
      const pace = measured(1, () => length, longEnough(length))

      expect(pace?.meanHold).toBeGreaterThan(length / 2)
      expect(pace?.meanHold).toBeLessThan(length * 2)
    }),
  )
})

test('of many slots whose holds vary the mean is known within a fifth', () => {
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 5_000, max: 2 * MINUTE }), (seed, mean) => {
      const fraction = seededFraction(seed)

      const pace = measured(400, () => mean * (0.5 + fraction()), 60)

      expect(Math.abs((pace?.meanHold ?? 0) - mean) / mean).toBeLessThan(0.2)
    }),
    { numRuns: 20 },
  )
})

test('nothing is known before a lease was given a slot', () => {
  const first = paceAfter(undefined, { now: 0, slots: 5, held: 0, epochs: 5 })
  const second = paceAfter(first, { now: MINUTE, slots: 5, held: 0, epochs: 5 })

  expect(first).toEqual({ at: 0, since: 0, slots: 5, epochs: 5, busy: 0 })
  expect(second).not.toHaveProperty('meanHold')
})

const at = (now: number, held: number, epochs: number, slots = 4): Look => ({ now, slots, held, epochs })
const after = (...looks: readonly Look[]) =>
  looks.reduce<Pace | undefined>((pace, look) => paceAfter(pace, look), undefined)

test('slot time by leases given: two that held half of the time each', () => {
  const pace = after(at(0, 1, 10), at(MINUTE, 1, 12))

  expect(pace).toEqual({ at: MINUTE, since: MINUTE, slots: 4, epochs: 12, busy: 0, meanHold: 30_000 })
})

test('a count goes on over several looks until a minute is over and a lease was given', () => {
  const early = after(at(0, 2, 10), at(20_000, 2, 11))
  const quiet = after(at(0, 2, 10), at(MINUTE, 2, 10))
  const later = after(at(0, 2, 10), at(MINUTE, 2, 10), at(2 * MINUTE, 2, 11))

  expect(early).toEqual({ at: 20_000, since: 0, slots: 4, epochs: 10, busy: 40_000 })
  expect(quiet).toEqual({ at: MINUTE, since: 0, slots: 4, epochs: 10, busy: 2 * MINUTE, meanHold: MINUTE })
  expect(later).toMatchObject({ since: 2 * MINUTE, busy: 0, meanHold: (MINUTE + 4 * MINUTE) / 2 })
})

test('holds that do not end are at least as long as they have been watched', () => {
  const pace = after(at(0, 1, 10), at(MINUTE, 1, 10), at(3 * MINUTE, 1, 10))

  expect(pace?.meanHold).toBe(3 * MINUTE)
})

test('an idle pool keeps what was known of it', () => {
  const known = { ...paceAfter(undefined, at(0, 0, 10)), meanHold: 42_000 }

  const pace = paceAfter(known, at(MINUTE, 0, 10))

  expect(pace.meanHold).toBe(42_000)
})

test.each([
  ['slots went away', at(MINUTE, 1, 7)],
  ['nobody looked for long', at(10 * MINUTE, 1, 30)],
])('where %s the count begins anew, and the mean stays', (_, look) => {
  const known = { ...paceAfter(undefined, at(0, 1, 10)), meanHold: 42_000 }

  const pace = paceAfter(known, look)

  expect(pace).toEqual({
    at: look.now,
    since: look.now,
    slots: 4,
    epochs: look.epochs,
    busy: 0,
    meanHold: 42_000,
  })
})

test('and where no mean was known, none is known then', () => {
  expect(after(at(0, 1, 10), at(10 * MINUTE, 1, 30))).not.toHaveProperty('meanHold')
})

test('half of what is known is what was measured last', () => {
  const known = { ...paceAfter(undefined, at(0, 1, 10)), meanHold: 10_000 }

  const pace = paceAfter(known, at(MINUTE, 1, 11))

  expect(pace.meanHold).toBe(35_000)
})

test('a clock that goes back takes nothing away', () => {
  const pace = after(at(MINUTE, 1, 10), at(MINUTE - 5_000, 1, 10))

  expect(pace?.busy).toBe(0)
})

test.each([
  [60_000, 4, 15_000],
  [undefined, 4, FIRST_HOLD / 4],
  [10_000, 0, 10_000],
])('the quantum of a mean hold of %s ms over %i slots is %i ms', (meanHold, slots, expected) => {
  expect(quantumOf(meanHold, slots)).toBe(expected)
})
