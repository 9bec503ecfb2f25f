import { expect, test } from 'vitest'
import { disableBlueprint, enableBlueprint } from '../../../lib/app/blueprints/disable-blueprint.ts'
import { applyConfig } from '../../../lib/app/config/apply-config.ts'
import { registryKey } from '../../../lib/app/store/keys.ts'
import type { World } from '../../support/world.ts'
import { catalogue } from '../../support/world.ts'
import { blueprintNow, by, itemAt, leasesNow } from '../support/look.ts'
import { dieEverywhere, once } from '../support/mortality.ts'

const COPY = { blueprint: 'checkout', repository: 'example', durations: { wait: 86_400_000 } }

/** Two slots that are held; copies that wait for them, in both of their pools. */
async function waiting(world: World): Promise<void> {
  world.halt(true)
  const long = { durations: { ttl: 3_600_000 } }
  await world.ask(long)
  await world.ask({ ...long, blueprint: 'mac' })
  for (let count = 0; count < 3; count++) await world.ask(COPY)
  world.halt(false)
  await world.settle()
}

const POOLS = { hosts: { alpha: 1 }, pools: { mac: { mini: 1 } } }

/** Every waiting lease is where its blueprint wants it, and nobody believes that something is left to do. */
async function misplaced(world: World): Promise<readonly string[]> {
  const disabled = blueprintNow(world, 'checkout')['disabled'] !== undefined
  const wrong = leasesNow(world, 'pending').filter((lease) => (lease['parked'] === true) !== disabled)
  const settling = itemAt(world, registryKey('blueprint', 'checkout'))['settling']
  return [
    ...(wrong.length === 0 ? [] : [`${wrong.length} leases are misplaced`]),
    ...(settling === undefined ? [] : ['the mark of the switch is left']),
  ]
}

test.each(['before', 'after'] as const)(
  'a blueprint whose disabling dies %s any call is disabled whole after the next sweep, or not at all',
  async (moment) => {
    const died = await dieEverywhere(
      {
        world: POOLS,
        arrange: waiting,
        act: async (world) =>
          once(async () => disableBlueprint(world.ports, 'checkout', undefined, by(world))),
        minutes: 2,
        damage: misplaced,
      },
      moment,
    )

    expect(died.calls).toBeGreaterThan(10)
    expect(died.damage).toEqual([])
  },
)

test.each(['before', 'after'] as const)(
  'a blueprint whose enabling dies %s any call is enabled whole after the next sweep, or not at all',
  async (moment) => {
    const died = await dieEverywhere(
      {
        world: POOLS,
        arrange: async (world) => {
          await waiting(world)
          await disableBlueprint(world.ports, 'checkout', undefined, by(world))
        },
        act: async (world) => once(async () => enableBlueprint(world.ports, 'checkout', by(world))),
        minutes: 2,
        damage: misplaced,
      },
      moment,
    )

    expect(died.calls).toBeGreaterThan(10)
    expect(died.damage).toEqual([])
  },
)

test.each(['before', 'after'] as const)(
  'leases that waited for a blueprint to be made again are not forgotten by who dies %s any call of it',
  async (moment) => {
    const { checkout: _, ...blueprints } = catalogue(POOLS).blueprints
    const died = await dieEverywhere(
      {
        world: POOLS,
        arrange: async (world) => {
          await waiting(world)
          await disableBlueprint(world.ports, 'checkout', undefined, by(world))
          await applyConfig(world.ports, { ...catalogue(POOLS), blueprints }, { dryRun: false, remove: true })
        },
        act: async (world) => {
          const apply = async () =>
            applyConfig(world.ports, catalogue(POOLS), { dryRun: false, remove: false })
          await once(apply)
          await once(apply)
        },
        minutes: 2,
        damage: misplaced,
      },
      moment,
    )

    expect(died.calls).toBeGreaterThan(10)
    expect(died.damage).toEqual([])
  },
)

test.each(['before', 'after'] as const)(
  'a pool that is made again is swept from its beginning, though who makes it dies %s any call and never comes again',
  async (moment) => {
    const died = await dieEverywhere(
      {
        world: POOLS,
        arrange: async (world) => {
          await waiting(world)
          await world.ask({ blueprint: 'mac', durations: { wait: 86_400_000 } })
          await disableBlueprint(world.ports, 'mac', undefined, by(world))
          await applyConfig(world.ports, catalogue({ hosts: { alpha: 1 } }), { dryRun: false, remove: true })
        },
        act: async (world) =>
          once(async () => applyConfig(world.ports, catalogue(POOLS), { dryRun: false, remove: false })),
        minutes: 2,
        damage: async (world) => {
          const made = world.table.items().some((item) => item.PK === 'B#mac')
          const waits = leasesNow(world, 'pending').filter((lease) => lease['blueprint'] === 'mac')
          const wrong = waits.filter((lease) => (lease['parked'] === true) === made)
          return wrong.map((lease) => `${lease.PK} of ${made ? 'the' : 'no'} pool is misplaced`)
        },
      },
      moment,
    )

    expect(died.calls).toBeGreaterThan(10)
    expect(died.damage).toEqual([])
  },
)
