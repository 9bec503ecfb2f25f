import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createKiller } from '../chaos/kills/killer.ts'
import { race } from '../chaos/race/race.ts'
import type { Race } from '../chaos/race/race.ts'
import { seededFraction } from '../support/seeded.ts'
import { openInstallation } from './support/installation.ts'
import type { Installation } from './support/installation.ts'

/** Kills processes of activate, finalize and api. */
const SEED = 34
const LEASES = 60
const HOSTS = ['alpha', 'beta', 'gamma']
const SLOTS = 4 * HOSTS.length

/** The small edition of `npm run chaos -- --only race`: nobody forgets, because the shortest life is a minute. */
describe(`${LEASES} leases over ${SLOTS} slots, clients that retry, functions that die (seed ${SEED})`, () => {
  let here: Installation
  let found: Race
  beforeAll(async () => {
    const killer = createKiller(seededFraction(SEED))
    here = await openInstallation({ hosts: HOSTS, slots: 4, onInvoke: killer.onInvoke })
    found = await race(here.served, killer, {
      seed: SEED,
      leases: LEASES,
      slots: SLOTS,
      forgetful: 0,
      sweepEvery: 2_000,
      lateAfter: 3_000,
    })
  }, 240_000)
  afterAll(() => here?.close())

  test('processes died in the middle of steps, and requests came more than once', () => {
    const { executions, killed, jobs } = found

    const struck = Object.values(executions.struck).reduce((sum, count) => sum + count, 0)
    const replays = jobs.reduce((sum, { replayed }) => sum + replayed, 0)

    expect(Object.keys(killed)).toHaveLength(3)
    expect(struck).toBeGreaterThan(0)
    expect(replays).toBeGreaterThan(0)
  })

  test('no two leases hold one slot at the same time, and its epochs rise', () => {
    expect(found.holdings).toBeGreaterThanOrEqual(LEASES)
    expect(found.violations.overlaps).toEqual([])
  })

  test('no slot is given past somebody who stands nearer to the head', () => {
    expect(found.violations.inversions).toEqual([])
  })

  test('a key makes one lease, however often and at what moment it comes', () => {
    expect(found.leases).toBe(LEASES)
    expect(found.violations.keys).toEqual([])
  })

  test('every lease is destroyed because its holder gave it back', () => {
    expect(found.violations.holders).toEqual([])
    expect(found.violations.ends).toEqual([])
    expect(found.reasons).toEqual({ released: LEASES })
  })

  test('nothing is left over: no waiter, timer, permit or token, no execution, and every slot is free', () => {
    expect(found.violations.leaks).toEqual([])
    expect(found.executions.running).toEqual([])
  })
})
