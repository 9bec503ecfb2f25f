import { expect, test } from 'vitest'
import { disableBlueprint, enableBlueprint } from '../../../lib/app/blueprints/disable-blueprint.ts'
import { settleBlueprint } from '../../../lib/app/blueprints/settle-blueprint.ts'
import { applyConfig } from '../../../lib/app/config/apply-config.ts'
import { releaseLease } from '../../../lib/app/leases/release-lease.ts'
import { finalizeLease } from '../../../lib/app/lifecycle/finalize.ts'
import type { Ports } from '../../../lib/app/ports/ports.ts'
import { sweep } from '../../../lib/app/repair/sweep/sweep.ts'
import { registryKey } from '../../../lib/app/store/keys.ts'
import { Died } from '../../support/death.ts'
import { violations } from '../../support/invariants.ts'
import type { World } from '../../support/world.ts'
import { catalogue, holder } from '../../support/world.ts'
import { late, lostTo } from '../support/late.ts'
import { by, itemAt, leasesNow } from '../support/look.ts'
import { once } from '../support/mortality.ts'
import { waitingWorld } from './arrange.ts'

const disable = async (world: World, name = 'linux') =>
  disableBlueprint(world.ports, name, undefined, by(world))
const enable = async (world: World, name = 'linux') => enableBlueprint(world.ports, name, by(world))

/** The switch is stored, and then its operator's process dies. */
async function switchedOnly(world: World, act: (ports: Ports) => Promise<unknown>): Promise<void> {
  const table: Ports['table'] = {
    ...world.ports.table,
    transact: async (opId, writes) => {
      await world.ports.table.transact(opId, writes)
      throw new Died('after the switch')
    },
  }
  await once(async () => act({ ...world.ports, table }))
}

test('gives_no_leases: a lease is not set aside when its blueprint gives leases again since it was read', async () => {
  const { world, ids } = await waitingWorld(1)
  await switchedOnly(world, async (ports) => disableBlueprint(ports, 'linux', undefined, by(world)))
  const { ports, outcomes } = late(world, 'gives_no_leases', async () => enable(world))

  const moved = await settleBlueprint(ports, 'linux', 'somebody slow')

  expect(lostTo(outcomes)).toEqual(['gives_no_leases'])
  expect(moved).toBe(0)
  expect(await world.lease(ids[0] ?? '')).not.toHaveProperty('parked')
  expect(violations(world.table.items())).toEqual([])
})

test('gives_no_leases: who looks for the next to be served decides again, too', async () => {
  const { world, holding } = await waitingWorld(1)
  await switchedOnly(world, async (ports) => disableBlueprint(ports, 'linux', undefined, by(world)))
  await releaseLease(world.ports, holder(holding), holding, 'ok')
  const { ports, outcomes } = late(world, 'gives_no_leases', async () => enable(world))

  await finalizeLease(ports, holding, true)

  expect(lostTo(outcomes)).toEqual(['gives_no_leases'])
  expect(leasesNow(world, 'acquired')).toHaveLength(1)
  expect(violations(world.table.items())).toEqual([])
})

test('gives_leases_again: a lease does not come back when its blueprint was disabled since it was read', async () => {
  const { world, ids } = await waitingWorld(1)
  await disable(world)
  const { ports, outcomes } = late(world, 'gives_leases_again', async () => disable(world))

  await enableBlueprint(ports, 'linux', by(world))

  expect(lostTo(outcomes)).toEqual(['gives_leases_again'])
  expect(await world.lease(ids[0] ?? '')).toMatchObject({ parked: true })
  expect(violations(world.table.items())).toEqual([])
})

test('gives_leases_again: nor when its blueprint was removed since', async () => {
  const { world } = await waitingWorld(0)
  const { leaseId } = await world.ask({ blueprint: 'checkout', repository: 'example' })
  await disable(world, 'checkout')
  const { checkout: _, ...blueprints } = catalogue({}).blueprints
  const { ports, outcomes } = late(world, 'gives_leases_again', async () =>
    applyConfig(world.ports, { ...catalogue({}), blueprints }, { dryRun: false, remove: true }),
  )

  await enableBlueprint(ports, 'checkout', by(world))

  expect(lostTo(outcomes)).toEqual(['gives_leases_again'])
  expect(await world.lease(leaseId)).toMatchObject({ parked: true })
  expect(violations(world.table.items())).toEqual([])
})

test('settling_as_read: the mark of a switch that came later stays, and the sweep brings that one to its end', async () => {
  const { world, ids } = await waitingWorld(1)
  const { ports, outcomes } = late(world, 'settling_as_read', async () =>
    switchedOnly(world, async (dying) => enableBlueprint(dying, 'linux', by(world))),
  )

  await disableBlueprint(ports, 'linux', undefined, by(world))
  const mark = itemAt(world, registryKey('blueprint', 'linux'))['settling']
  const findings = await sweep(world.ports)

  expect(lostTo(outcomes)).toEqual(['settling_as_read'])
  expect(mark).toBeTypeOf('string')
  expect(findings.misplaced).toBe(1)
  expect(await world.lease(ids[0] ?? '')).not.toHaveProperty('parked')
  expect(itemAt(world, registryKey('blueprint', 'linux'))).not.toHaveProperty('settling')
  expect(violations(world.table.items())).toEqual([])
})
