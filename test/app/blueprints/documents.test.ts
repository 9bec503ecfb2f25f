import { expect, test } from 'vitest'
import { disableBlueprint } from '../../../lib/app/blueprints/disable-blueprint.ts'
import { applyConfig } from '../../../lib/app/config/apply-config.ts'
import { releaseLease } from '../../../lib/app/leases/release-lease.ts'
import { violations } from '../../support/invariants.ts'
import type { World } from '../../support/world.ts'
import { catalogue, holder, openWorld } from '../../support/world.ts'
import { blueprintNow, by } from '../support/look.ts'

const COPY = { blueprint: 'checkout', repository: 'example' }
const MINUTE = 60_000

const disable = async (world: World, name: string, reason?: string) =>
  disableBlueprint(world.ports, name, reason, by(world))
const release = async (world: World, id: string) => releaseLease(world.ports, holder(id), id, 'ok')

/** One slot that is held by a host lease; then wait, in this order: a copy, a host, a copy. */
async function queued() {
  const world = await openWorld()
  const held = (await world.ask()).leaseId
  const copy = (await world.ask(COPY)).leaseId
  const host = (await world.ask()).leaseId
  const last = (await world.ask(COPY)).leaseId
  await world.settle()
  return { world, held, copy, host, last }
}

const statuses = async (world: World, ids: readonly string[]) =>
  Promise.all(ids.map(async (id) => (await world.lease(id)).status))

test('a document that is applied does not enable what is disabled', async () => {
  const { world, held, copy } = await queued()
  await disable(world, 'checkout', 'a leak')
  const narrow = {
    name: 'checkout',
    type: 'working-copy',
    pools: ['linux'],
    allow: ['*'],
    limits: { ttl: MINUTE },
  } as const

  await applyConfig(world.ports, catalogue({ blueprints: { checkout: narrow } }), {
    dryRun: false,
    remove: false,
  })
  await release(world, held)
  await world.settle()

  expect(blueprintNow(world, 'checkout')).toMatchObject({
    limits: { ttl: MINUTE },
    disabled: { reason: 'a leak' },
  })
  expect((await world.lease(copy)).status).toBe('pending')
})

test('leases of a blueprint that is removed wait, and go on from their places when it is there again', async () => {
  const { world, held, copy, host } = await queued()
  const { checkout: _, ...others } = catalogue({}).blueprints
  const without = { ...catalogue({}), blueprints: others }

  await applyConfig(world.ports, without, { dryRun: false, remove: true })
  await release(world, held)
  await world.settle()
  const during = await statuses(world, [copy, host])
  await applyConfig(world.ports, catalogue({}), { dryRun: false, remove: false })
  await release(world, host)
  await world.settle()

  expect(during).toEqual(['pending', 'active'])
  expect(await statuses(world, [copy])).toEqual(['active'])
  expect(violations(world.table.items())).toEqual([])
})
