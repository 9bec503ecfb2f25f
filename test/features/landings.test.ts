import { chmodSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createKiller, LANDING_FUNCTIONS, LANDING_GAP } from '../chaos/kills/killer.ts'
import { landingRace } from '../chaos/landings/race.ts'
import type { LandingRace } from '../chaos/landings/race.ts'
import { landingViolations } from '../chaos/landings/verdict.ts'
import { seededFraction } from '../support/seeded.ts'
import { openInstallation } from './support/installation.ts'
import type { Installation } from './support/installation.ts'

const SEED = 5
const LANDINGS = 12
/** Of the numbers 0, 4, 8 and 12 the first lands, and the others do not fit any more. */
const CLASH_EVERY = 4

/** The small edition of `npm run chaos -- --only landings`. */
describe(`${LANDINGS} landings on one branch at once, functions that die (seed ${SEED})`, () => {
  let here: Installation
  let found: LandingRace
  beforeAll(async () => {
    const killer = createKiller(seededFraction(SEED), LANDING_FUNCTIONS, LANDING_GAP)
    here = await openInstallation({ hosts: ['alpha', 'beta'], slots: 2, onInvoke: killer.onInvoke })
    const directory = join(here.scratch, 'landings')
    mkdirSync(directory)
    chmodSync(directory, 0o755)
    found = await landingRace(here.served, killer, {
      seed: SEED,
      landings: LANDINGS,
      clashEvery: CLASH_EVERY,
      directory,
      sweepEvery: 2_000,
    })
  }, 240_000)
  afterAll(() => here?.close())

  test('processes died, and requests came more than once', () => {
    expect(Object.values(found.killed).reduce((sum, count) => sum + count, 0)).toBeGreaterThan(0)
    expect(found.replays).toBeGreaterThan(0)
  })

  test('the branch is one line in the order of the queue, each landed once, and conflicts name their files', () => {
    expect(landingViolations(found, CLASH_EVERY)).toEqual([])
  })
})
