import { expect, test } from 'vitest'
import { matchPool, matchWaiter } from '../../lib/app/allocation/match.ts'
import { serve } from '../../lib/app/allocation/serve.ts'
import { disableBlueprint } from '../../lib/app/blueprints/disable-blueprint.ts'
import { abortBuild } from '../../lib/app/builds/abort-build.ts'
import { driveBuild } from '../../lib/app/builds/drive-build.ts'
import { restartBuild } from '../../lib/app/builds/restart-build.ts'
import { changeHost } from '../../lib/app/fleet/change-host.ts'
import { renewLease } from '../../lib/app/leases/renew-lease.ts'
import { decide } from '../../lib/app/lifecycle/decide.ts'
import { finalizeLease } from '../../lib/app/lifecycle/finalize.ts'
import type { Ports } from '../../lib/app/ports/ports.ts'
import type { Outcome, Write } from '../../lib/app/ports/table.ts'
import { readQueue } from '../../lib/app/store/read.ts'
import { violations } from '../support/invariants.ts'
import type { World } from '../support/world.ts'
import { CI, holder } from '../support/world.ts'
import { build, openBuilds, step } from './support/builds.ts'
import { by } from './support/look.ts'
import { activeWorld, freeWorld, releasedWorld } from './races/arrange.ts'

/** Ports on which this condition never holds. */
function losing(world: World, condition: string): Ports {
  const lost: Outcome = { committed: false, lost: [] }
  const loses = (writes: readonly Write[]) => writes.some((write) => write.when.name === condition)
  const table: Ports['table'] = {
    ...world.ports.table,
    write: async (write) => (loses([write]) ? lost : world.ports.table.write(write)),
    transact: async (opId, writes) => (loses(writes) ? lost : world.ports.table.transact(opId, writes)),
  }
  return { ...world.ports, table }
}

async function runningBuild(): Promise<{ readonly world: World; readonly id: string }> {
  const world = await openBuilds()
  const id = await build(world, [step('hang')])
  await world.settle()
  return { world, id }
}

interface Case {
  readonly condition: string
  readonly open: () => Promise<{ readonly world: World; readonly act: (ports: Ports) => Promise<unknown> }>
}

const CASES: Readonly<Record<string, Case>> = {
  'serving a waiter': {
    condition: 'slot_free',
    open: async () => {
      const { world } = await freeWorld(1)
      const [place] = await readQueue(world.ports, 'linux')
      return { world, act: async (ports) => matchWaiter(ports, 'linux', place?.key ?? '', 'somebody') }
    },
  },
  'serving a pool': {
    condition: 'slot_free',
    open: async () => {
      const { world } = await freeWorld(1)
      return { world, act: async (ports) => matchPool(ports, 'linux', 'somebody') }
    },
  },
  'the last step of a lease': {
    condition: 'slot_held_and_offered',
    open: async () => {
      const { world, from } = await releasedWorld(1)
      return { world, act: async (ports) => finalizeLease(ports, from.id, true) }
    },
  },
  'setting a slot aside': {
    condition: 'slot_held_by_lease',
    open: async () => {
      const { world, from } = await releasedWorld(1)
      return { world, act: async (ports) => finalizeLease(ports, from.id, false) }
    },
  },
  'ending an expired lease': {
    condition: 'lease_expired',
    open: async () => {
      const { world, lease } = await activeWorld()
      await world.advance(lease.ttl)
      return { world, act: async (ports) => decide(ports, lease.id) }
    },
  },
  'a renewal': {
    condition: 'renewable',
    open: async () => {
      const { world, lease } = await activeWorld()
      await world.advance(1_000)
      return { world, act: async (ports) => renewLease(ports, holder(lease.id), lease.id) }
    },
  },
  'switching a blueprint': {
    condition: 'config_unchanged',
    open: async () => {
      const { world } = await activeWorld()
      return { world, act: async (ports) => disableBlueprint(ports, 'linux', undefined, by(world)) }
    },
  },
  'aborting a build': {
    condition: 'work_unchanged',
    open: async () => {
      const { world, id } = await runningBuild()
      return { world, act: async (ports) => abortBuild(ports, CI, id) }
    },
  },
  'restarting a build': {
    condition: 'work_unchanged',
    open: async () => {
      const { world, id } = await runningBuild()
      const key = { hash: 'again', requestHash: 'r' }
      return { world, act: async (ports) => restartBuild(ports, CI, id, key) }
    },
  },
  'driving a build': {
    condition: 'work_unchanged',
    open: async () => {
      const { world, id } = await runningBuild()
      return { world, act: async (ports) => driveBuild(ports, id, 1, 'STEP', true) }
    },
  },
  'changing a host': {
    condition: 'host_unchanged',
    open: async () => {
      const { world } = await activeWorld()
      return { world, act: async (ports) => changeHost(ports, 'alpha', { state: 'draining' }, by(world)) }
    },
  },
}

test.each(Object.entries(CASES))(
  '%s that loses every race gives up, and leaves the world as it was',
  async (_, { condition, open }) => {
    const { world, act } = await open()
    const before = world.table.items()

    const acted = act(losing(world, condition))

    await expect(acted).rejects.toThrow('lost 100 races in a row')
    expect(world.table.items()).toEqual(before)
    expect(violations(world.table.items())).toEqual([])
  },
)

test('a waiter cannot be served with nothing', async () => {
  const { world } = await freeWorld(1)
  const [place] = await readQueue(world.ports, 'linux')
  if (!place) throw new Error('not as arranged')

  const served = await serve(world.ports, 'linux', { place, position: 0 }, [], 'somebody')

  expect(served).toBe('lost_race')
})
