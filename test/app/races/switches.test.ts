import { expect, test } from 'vitest'
import type { Commit } from '../../../lib/adapters/memory/table.ts'
import { matchPool } from '../../../lib/app/allocation/match.ts'
import { disableBlueprint, enableBlueprint } from '../../../lib/app/blueprints/disable-blueprint.ts'
import { releaseLease } from '../../../lib/app/leases/release-lease.ts'
import { destroyLease } from '../../../lib/app/lifecycle/destroy.ts'
import { finalizeLease } from '../../../lib/app/lifecycle/finalize.ts'
import { registryKey } from '../../../lib/app/store/keys.ts'
import { violations } from '../../support/invariants.ts'
import type { World } from '../../support/world.ts'
import { holder, openWorld } from '../../support/world.ts'
import { by, itemAt, leasesNow, placesNow, slotsNow } from '../support/look.ts'
import { createTurns } from '../support/turns.ts'

const SEEDS = Array.from({ length: 30 }, (_, seed) => seed + 1)
const DEMAND = { blueprint: 'checkout', repository: 'example' }

const disable = async (world: World, name = 'linux') =>
  disableBlueprint(world.ports, name, undefined, by(world))
const enable = async (world: World, name = 'linux') => enableBlueprint(world.ports, name, by(world))

/** How often a lease of this blueprint was given a slot by these commits. */
const acquisitions = (commits: readonly Commit[], blueprint: string): number =>
  commits.flatMap(({ after }) =>
    after.filter(
      (item, index) =>
        item?.SK === 'META' &&
        item['status'] === 'acquired' &&
        item['blueprint'] === blueprint &&
        after.findIndex((one) => one?.PK === item.PK) === index,
    ),
  ).length

/** Two slots held and about to be given back; of each blueprint leases that wait. */
async function busy(seed: number, commits: Commit[]) {
  const turn = createTurns(seed)
  const world = await openWorld({
    seed,
    hosts: { alpha: 2 },
    turn,
    committed: (commit) => commits.push(commit),
  })
  world.halt(true)
  const ending = [(await world.ask()).leaseId, (await world.ask()).leaseId]
  for (const id of ending) await releaseLease(world.ports, holder(id), id, 'ok')
  for (let count = 0; count < 2; count++) {
    await world.ask(DEMAND)
    await world.ask()
  }
  /** The operator comes when the others have made some of their calls. */
  const later = async () => {
    for (let calls = 0; calls < seed % 30; calls++) await turn()
  }
  return { world, ending, later }
}

const everybody = (world: World, ending: readonly string[]) => [
  // Ahead of all others, so that it is their turn whenever a slot is free.
  ...Array.from({ length: 3 }, async () => world.ask({ ...DEMAND, priority: 10 })),
  ...Array.from({ length: 2 }, async () => world.ask()),
  ...ending.map(async (id) => {
    const { confirmed } = await destroyLease(world.ports, id)
    await finalizeLease(world.ports, id, confirmed)
  }),
]

test('once a blueprint is disabled no lease of it is given a slot, whatever is going on', async () => {
  let given = 0
  let earlier = 0

  for (const seed of SEEDS) {
    const commits: Commit[] = []
    const { world, ending, later } = await busy(seed, commits)
    commits.length = 0
    const work = everybody(world, ending)
    await later()
    await disable(world, 'checkout')
    const answered = commits.length
    await Promise.all(work)

    given += acquisitions(commits.slice(answered), 'checkout')
    earlier += acquisitions(commits.slice(0, answered), 'checkout')
    expect(violations(world.table.items())).toEqual([])
  }

  expect(given).toBe(0)
  // Otherwise nothing has raced.
  expect(earlier).toBeGreaterThan(10)
})

test('enabling loses nobody: whoever waited stands at its very place or was served', async () => {
  for (const seed of SEEDS) {
    const { world, ending } = await busy(seed, [])
    await disable(world, 'checkout')

    await Promise.all([...everybody(world, ending), enable(world, 'checkout')])

    expect(leasesNow(world, 'pending').filter((item) => item['parked'] === true)).toEqual([])
    expect(placesNow(world, 'linux').every((place) => place.startsWith('W#'))).toBe(true)
    expect(slotsNow(world, 'alpha').map((slot) => slot.state)).toEqual(['held', 'held'])
    expect(violations(world.table.items())).toEqual([])
  }
})

test('switches that race set nobody aside for good, and every place is kept', async () => {
  for (const seed of SEEDS) {
    const { world, ending } = await busy(seed, [])

    await Promise.all([
      ...everybody(world, ending),
      disable(world, 'checkout'),
      enable(world, 'checkout'),
      disable(world, 'checkout'),
      enable(world, 'checkout'),
      matchPool(world.ports, 'linux', 'somebody'),
    ])
    const mark = itemAt(world, registryKey('blueprint', 'checkout'))['settling']
    await enable(world, 'checkout')

    expect(mark).toBeUndefined()
    expect(leasesNow(world, 'pending').filter((item) => item['parked'] === true)).toEqual([])
    expect(violations(world.table.items())).toEqual([])
  }
})

test('a switch that answers while nothing else goes on leaves every waiting lease where it belongs', async () => {
  for (const seed of SEEDS) {
    const { world } = await busy(seed, [])

    await Promise.all([disable(world, 'checkout'), enable(world, 'checkout'), disable(world, 'checkout')])

    const disabled = itemAt(world, { PK: 'B#checkout', SK: 'META' })['disabled'] !== undefined
    const waiting = leasesNow(world, 'pending').filter((item) => item['blueprint'] === 'checkout')
    expect(waiting.map((item) => item['parked'] === true)).toEqual(waiting.map(() => disabled))
    expect(violations(world.table.items())).toEqual([])
  }
})
