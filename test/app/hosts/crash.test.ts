import { expect, test } from 'vitest'
import { changeHost } from '../../../lib/app/fleet/change-host.ts'
import { loseHost } from '../../../lib/app/fleet/lose-host.ts'
import { text } from '../../../lib/app/store/attributes.ts'
import type { World } from '../../support/world.ts'
import { by, hostNow, leasesNow, statesNow } from '../support/look.ts'
import { dieEverywhere, once } from '../support/mortality.ts'

/** More slots than one transaction holds, two of them held, and leases that wait. */
const HOSTS = { alpha: 46 }

async function someWork(world: World): Promise<void> {
  for (let count = 0; count < 2; count++) await world.ask()
  await world.settle()
}

test.each(['before', 'after'] as const)(
  'a drain whose operator dies %s any call is brought to its end by the sweep, or was never begun',
  async (moment) => {
    const died = await dieEverywhere(
      {
        world: { hosts: HOSTS },
        arrange: someWork,
        act: async (world) =>
          once(async () => changeHost(world.ports, 'alpha', { state: 'draining' }, by(world))),
        minutes: 2,
        damage: async (world) => {
          const begun = hostNow(world, 'alpha').state === 'draining'
          const left = statesNow(world, 'alpha').filter((state) => state === (begun ? 'free' : 'withheld'))
          return left.length === 0 ? [] : [`${left.length} slots did not follow`]
        },
      },
      moment,
    )

    expect(died.calls).toBeGreaterThanOrEqual(7)
    expect(died.damage).toEqual([])
  },
)

test.each(['before', 'after'] as const)(
  'a return whose operator dies %s any call serves who waits after the next sweep at the latest',
  async (moment) => {
    const died = await dieEverywhere(
      {
        world: { hosts: { alpha: 3 } },
        arrange: async (world) => {
          await changeHost(world.ports, 'alpha', { state: 'draining' }, by(world))
          await someWork(world)
        },
        act: async (world) =>
          once(async () => changeHost(world.ports, 'alpha', { state: 'active' }, by(world))),
        minutes: 2,
        damage: async (world) => {
          const begun = hostNow(world, 'alpha').state === 'active'
          const active = leasesNow(world, 'active').length
          return active === (begun ? 2 : 0) ? [] : [`${active} leases were served`]
        },
      },
      moment,
    )

    expect(died.calls).toBeGreaterThan(10)
    expect(died.damage).toEqual([])
  },
)

test.each(['before', 'after'] as const)(
  'an operator who dies %s any call of a loss, and says it again, has told every lease',
  async (moment) => {
    const died = await dieEverywhere(
      {
        world: { hosts: { alpha: 2 } },
        arrange: async (world) => {
          await someWork(world)
          await world.ask()
          await world.settle()
        },
        act: async (world) => {
          await once(async () => loseHost(world.ports, 'alpha', 'burnt', by(world)))
          await once(async () => loseHost(world.ports, 'alpha', 'burnt', by(world)))
        },
        minutes: 14,
        damage: async (world) => {
          const reasons = leasesNow(world, 'destroyed').map((lease) => text(lease, 'reason'))
          return reasons.join() === 'host_lost,host_lost' ? [] : [`leases ended as ${reasons.join()}`]
        },
      },
      moment,
    )

    expect(died.calls).toBeGreaterThan(10)
    expect(died.damage).toEqual([])
  },
)
