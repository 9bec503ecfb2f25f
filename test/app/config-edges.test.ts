import { expect, test } from 'vitest'
import { applyConfig } from '../../lib/app/config/apply-config.ts'
import { changeHost } from '../../lib/app/fleet/change-host.ts'
import { listLeases } from '../../lib/app/leases/list-leases.ts'
import { registryKey, tenantKey } from '../../lib/app/store/keys.ts'
import { violations } from '../support/invariants.ts'
import { catalogue, openWorld } from '../support/world.ts'
import { late } from './support/late.ts'
import { by, hostNow, itemAt, OPERATOR, remove, slotsNow } from './support/look.ts'

const APPLY = { dryRun: false, remove: false }
const REMOVE = { dryRun: false, remove: true }

test('a tenant that is left out loses its quota; its leases are listed on', async () => {
  const world = await openWorld({ tenants: { acme: { name: 'acme', leases: 1 } } })
  const { leaseId } = await world.ask()

  const removed = await applyConfig(world.ports, catalogue({}), REMOVE)

  const page = await listLeases(world.ports, OPERATOR, { limit: 10 })
  expect(removed.ok).toBe(true)
  expect(await world.table.get(tenantKey('acme'))).toBeUndefined()
  expect(page.ok && page.value.leases.map(({ id }) => id)).toEqual([leaseId])
  expect(await world.tryAsk()).toMatchObject({ ok: true })
})

test('a drained host is removed with its withheld slots', async () => {
  const world = await openWorld({ hosts: { alpha: 1, beta: 2 } })
  await changeHost(world.ports, 'beta', { state: 'draining' }, by(world))

  const removed = await applyConfig(world.ports, catalogue({}), REMOVE)

  expect(removed.ok).toBe(true)
  expect(world.table.items().some((item) => item.PK === 'H#beta')).toBe(false)
  expect(violations(world.table.items())).toEqual([])
})

test('a host that stands in the table and not in the registry is not taken over', async () => {
  const world = await openWorld()
  await remove(world, itemAt(world, registryKey('host', 'alpha')))

  const refused = await applyConfig(world.ports, catalogue({ hosts: { alpha: 2 } }), APPLY)

  expect(refused).toMatchObject({ ok: false, refusal: { refused: 'conflict' } })
  expect(hostNow(world, 'alpha').capacity).toBe(1)
})

test('a host has no slots beyond its capacity, though fewer were asked for before its slots were made', async () => {
  const world = await openWorld()
  const asked = { made: false, smaller: {} }
  const { ports } = late(world, 'not_there_yet', async () => {
    asked.made = true
    asked.smaller = await applyConfig(world.ports, catalogue({ hosts: { alpha: 1, beta: 1 } }), APPLY)
  })

  await applyConfig(ports, catalogue({ hosts: { alpha: 1, beta: 3 } }), APPLY)

  expect(asked).toMatchObject({ made: true, smaller: { ok: false, refusal: { refused: 'in_use' } } })
  expect(hostNow(world, 'beta').capacity).toBe(3)
  expect(slotsNow(world, 'beta')).toHaveLength(3)
})
