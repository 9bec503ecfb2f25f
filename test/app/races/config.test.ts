import { expect, test } from 'vitest'
import { disableBlueprint } from '../../../lib/app/blueprints/disable-blueprint.ts'
import { applyConfig } from '../../../lib/app/config/apply-config.ts'
import { countSlots } from '../../../lib/app/config/pool-entries.ts'
import { sweep } from '../../../lib/app/repair/sweep/sweep.ts'
import { violations } from '../../support/invariants.ts'
import { catalogue, openWorld } from '../../support/world.ts'
import { late, lostTo } from '../support/late.ts'
import { blueprintNow, by, hostNow, leasesNow, poolNow } from '../support/look.ts'
import { waitingWorld } from './arrange.ts'

const APPLY = { dryRun: false, remove: false }
const REMOVE = { dryRun: false, remove: true }
const narrow = { name: 'linux', type: 'host', allow: ['*'], limits: { ttl: 60_000 } } as const

test('config_unchanged: a blueprint that is disabled while a document replaces it stays disabled', async () => {
  const world = await openWorld()
  const wanted = catalogue({ blueprints: { linux: narrow } })
  const { ports, outcomes } = late(world, 'config_unchanged', async () =>
    disableBlueprint(world.ports, 'linux', 'a look', by(world)),
  )

  const refused = await applyConfig(ports, wanted, APPLY)
  const again = await applyConfig(world.ports, wanted, APPLY)

  expect(lostTo(outcomes)).toEqual(['config_unchanged'])
  expect(refused).toMatchObject({ ok: false, refusal: { refused: 'conflict' } })
  expect(again.ok).toBe(true)
  expect(blueprintNow(world, 'linux')).toMatchObject({
    limits: { ttl: 60_000 },
    disabled: { reason: 'a look' },
  })
})

test('config_unchanged: a switch that comes between a document is decided again, and the document stays', async () => {
  const { world } = await waitingWorld(1)
  const { ports, outcomes } = late(world, 'config_unchanged', async () =>
    applyConfig(world.ports, catalogue({ blueprints: { linux: narrow } }), APPLY),
  )

  const disabled = await disableBlueprint(ports, 'linux', undefined, by(world))

  expect(lostTo(outcomes)).toEqual(['config_unchanged'])
  expect(disabled.ok).toBe(true)
  expect(blueprintNow(world, 'linux')).toMatchObject({
    limits: { ttl: 60_000 },
    disabled: { by: 'operator' },
  })
  expect(leasesNow(world, 'pending')).toMatchObject([{ parked: true }])
})

test('host_as_configured: two documents that change one host are not mixed', async () => {
  const world = await openWorld()
  const { ports, outcomes } = late(world, 'host_as_configured', async () =>
    applyConfig(world.ports, catalogue({ hosts: { alpha: 3 } }), APPLY),
  )

  const refused = await applyConfig(ports, catalogue({ hosts: { alpha: 2 } }), APPLY)

  expect(lostTo(outcomes)).toContain('host_as_configured')
  expect(refused).toMatchObject({ ok: false, refusal: { refused: 'conflict' } })
  expect(hostNow(world, 'alpha').capacity).toBe(3)
  expect(violations(world.table.items())).toEqual([])
})

test('pool_counted_as: who counted before another host came counts again', async () => {
  const world = await openWorld()
  const table = { ...world.table }
  await applyConfig(world.ports, catalogue({ hosts: { alpha: 2 } }), APPLY)
  await world.table.write({
    kind: 'update',
    key: { PK: 'REG#pool', SK: 'linux' },
    set: { slots: 1 },
    when: { name: 'by hand', all: [] },
  })
  const { ports, outcomes } = late(
    { ...world, ports: { ...world.ports, table } },
    'pool_counted_as',
    async () => applyConfig(world.ports, catalogue({ hosts: { alpha: 2, beta: 5 } }), APPLY),
  )

  await countSlots(ports)

  expect(lostTo(outcomes)).toEqual(['pool_counted_as'])
  expect(poolNow(world, 'linux')).toMatchObject({ slots: 7 })
})

test('pool_counted_as: a pool that is made by two documents at once is counted once', async () => {
  const world = await openWorld({ hosts: {} })
  const wanted = catalogue({ hosts: {}, pools: { mac: { mini: 2 } } })
  const { ports, outcomes } = late(world, 'pool_counted_as', async () => countSlots(world.ports))

  const applied = await applyConfig(ports, wanted, APPLY)

  expect(lostTo(outcomes)).toEqual(['pool_counted_as'])
  expect(applied.ok).toBe(true)
  expect(poolNow(world, 'mac')).toMatchObject({ slots: 2 })
})

test('still_there: a pool that two documents leave out is dropped once', async () => {
  const world = await openWorld({ hosts: {}, pools: { mac: {} } })
  const wanted = catalogue({ hosts: {} })
  const before = await world.table.query({ PK: 'REG#pool', limit: 10 })
  const slow = {
    ...world.ports.table,
    query: async (query: Parameters<typeof world.table.query>[0]) =>
      query.PK === 'REG#pool' && reads++ === 0 ? before : world.table.query(query),
  }
  let reads = 0
  await applyConfig(world.ports, wanted, REMOVE)

  await countSlots({ ...world.ports, table: slow })

  expect(reads).toBe(2)
  expect((await world.table.query({ PK: 'REG#pool', limit: 10 })).map((item) => item.SK)).toEqual(['linux'])
})

test('pool_seen_at: of two sweeps that look at once, one keeps the pace', async () => {
  const { world } = await waitingWorld(0)
  await sweep(world.ports)
  await world.advance(60_000)
  const { ports, outcomes } = late(world, 'pool_seen_at', async () => {
    await world.advance(30_000)
    await sweep(world.ports)
  })
  const then = world.ports.clock.now()

  await sweep(ports)

  expect(lostTo(outcomes)).toEqual(['pool_seen_at'])
  expect(poolNow(world, 'linux')).toMatchObject({ seenAt: then + 30_000, counted: { busy: 90_000 } })
})

test('pool_seen_at: a pool that is removed before the first look at it is stored does not come back by it', async () => {
  const world = await openWorld()
  const { ports, outcomes } = late(world, 'pool_seen_at', async () =>
    applyConfig(world.ports, { blueprints: {}, hosts: {}, repositories: {}, tenants: {} }, REMOVE),
  )

  await sweep(ports)

  expect(lostTo(outcomes)).toEqual(['pool_seen_at'])
  expect(world.table.items().some((item) => item.PK === 'REG#pool')).toBe(false)
})

test('no_pool: a pool that is made again while another document drops it stays in the registry', async () => {
  const world = await openWorld({ hosts: {}, pools: { mac: {} } })
  const both = catalogue({ hosts: {}, pools: { mac: {} } })
  const { ports, outcomes } = late(world, 'no_pool', async () => applyConfig(world.ports, both, APPLY))

  await applyConfig(ports, catalogue({ hosts: {} }), REMOVE)

  expect(lostTo(outcomes)).toEqual(['no_pool'])
  expect(blueprintNow(world, 'mac')['type']).toBe('host')
  expect(poolNow(world, 'mac')).toMatchObject({ slots: 0 })
})
