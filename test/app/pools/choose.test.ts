import { expect, test } from 'vitest'
import { disableBlueprint } from '../../../lib/app/blueprints/disable-blueprint.ts'
import type { Catalogue } from '../../../lib/app/config/read-config.ts'
import { createLease } from '../../../lib/app/leases/create-lease.ts'
import type { LeaseDemand } from '../../../lib/app/leases/judge-demand.ts'
import type { World, WorldOptions } from '../../support/world.ts'
import { CI, openWorld } from '../../support/world.ts'
import { by } from '../support/look.ts'

const copies = (name: string, pools: readonly string[], more: object = {}) =>
  ({ name, type: 'working-copy', pools, allow: ['*'], limits: {}, ...more }) as const

const BLUEPRINTS: Catalogue['blueprints'] = {
  'a-closed': copies('a-closed', ['linux'], { allow: ['others'] }),
  'b-mac': copies('b-mac', ['mac']),
  'c-other-repositories': copies('c-other-repositories', ['linux'], { repositories: [] }),
  'd-linux': copies('d-linux', ['linux'], { repositories: ['example'], limits: { ttl: 120_000 } }),
  'e-both': copies('e-both', ['linux', 'mac']),
  checkout: copies('checkout', ['linux'], { allow: [] }),
}
const WORLD: WorldOptions = { pools: { mac: { mini: 1 }, empty: {} }, blueprints: BLUEPRINTS }
const FIVE = ['linux', 'mac', 'empty', 'four', 'five']

const ask = async (world: World, demand: Partial<LeaseDemand>) =>
  createLease(world.ports, CI, { priority: 0, durations: {}, ...demand }, { hash: 'h', requestHash: 'r' })

async function chosen(demand: Partial<LeaseDemand>, disabled: readonly string[] = []) {
  const world = await openWorld(WORLD)
  for (const name of disabled) await disableBlueprint(world.ports, name, undefined, by(world))
  const before = world.table.items()
  const asked = await ask(world, demand)
  if (asked.ok) return world.lease(asked.value.leaseId)
  return { refused: asked.refusal.refused, written: world.table.items().length - before.length }
}

test.each<[string, Partial<LeaseDemand>, readonly string[], string]>([
  ['the first by name that allows the tenant', { type: 'working-copy' }, [], 'b-mac'],
  ['one with the pool that was asked for', { type: 'working-copy', pools: ['linux'] }, [], 'd-linux'],
  ['one with all the pools', { type: 'working-copy', pools: ['mac', 'linux'] }, [], 'e-both'],
  [
    'one that gives leases, if there is one',
    { type: 'working-copy', pools: ['linux'] },
    ['d-linux'],
    'e-both',
  ],
  [
    'a disabled one, if there is no other',
    { type: 'working-copy', pools: ['linux'] },
    ['d-linux', 'e-both'],
    'd-linux',
  ],
  [
    'one that allows the durations',
    { type: 'working-copy', pools: ['linux'], durations: { ttl: 180_000 } },
    [],
    'e-both',
  ],
  [
    'one that allows the durations though it is disabled',
    { type: 'working-copy', pools: ['linux'], durations: { ttl: 180_000 } },
    ['e-both'],
    'e-both',
  ],
])('of a type that is named, %s is chosen', async (_, demand, disabled, expected) => {
  const found = await chosen({ repository: 'example', ...demand }, disabled)

  expect(found).toMatchObject({ blueprint: expected })
})

test('a type of hosts is chosen like one of working copies', async () => {
  expect(await chosen({ type: 'host' })).toMatchObject({ blueprint: 'linux' })
  expect(await chosen({ type: 'host', pools: ['mac'] })).toMatchObject({ blueprint: 'mac', pools: ['mac'] })
})

test('where none can serve it, the refusal is that of the first that suits it', async () => {
  const demand = { type: 'working-copy', pools: ['linux'], repository: 'example' }

  const found = await chosen({ ...demand, durations: { ttl: 3_700_000 } })

  expect(found).toMatchObject({ refused: 'too_long' })
})

test('a blueprint that is named with its type is that one', async () => {
  const demand = { blueprint: 'e-both', type: 'working-copy', repository: 'example' }

  expect(await chosen(demand)).toMatchObject({ blueprint: 'e-both', pools: ['linux', 'mac'] })
})

test.each<[string, Partial<LeaseDemand>, string]>([
  ['neither a blueprint nor a type', {}, 'malformed'],
  ['a type that is none', { type: 'boat' }, 'unknown_type'],
  ['a blueprint of another type', { blueprint: 'linux', type: 'working-copy' }, 'impossible'],
  ['a blueprint that does not allow the tenant', { blueprint: 'a-closed' }, 'not_authorized'],
  ['a pool that nobody registered, by type', { type: 'host', pools: ['linus'] }, 'unknown_pool'],
  ['a pool that nobody registered', { blueprint: 'linux', pools: ['linus'] }, 'unknown_pool'],
  [
    'a repository that nobody registered, by type',
    { type: 'working-copy', pools: ['empty'], repository: 'exemple' },
    'unknown_repository',
  ],
  [
    'a repository that no blueprint has in that pool',
    { type: 'working-copy', pools: ['empty'], repository: 'example' },
    'impossible',
  ],
  ['a pool of another blueprint', { blueprint: 'linux', pools: ['mac'] }, 'impossible'],
  ['five pools', { blueprint: 'e-both', pools: FIVE, repository: 'example' }, 'too_many_pools'],
  ['five pools by type', { type: 'working-copy', pools: FIVE }, 'too_many_pools'],
  ['a pool without a slot', { blueprint: 'empty' }, 'impossible'],
  [
    'a repository that its blueprint does not allow',
    { blueprint: 'c-other-repositories', repository: 'example' },
    'not_authorized',
  ],
  ['a priority that is none', { blueprint: 'linux', priority: 11 }, 'unknown_priority'],
  ['a priority below the lowest', { blueprint: 'linux', priority: -11 }, 'unknown_priority'],
  ['a wait below a second', { blueprint: 'linux', durations: { wait: 0 } }, 'too_short'],
  ['a ttl that is no number', { blueprint: 'linux', durations: { ttl: Number.NaN } }, 'too_short'],
])('%s is refused, and nothing is written', async (_, demand, code) => {
  expect(await chosen(demand)).toEqual({ refused: code, written: 0 })
})

test('where no blueprint of the type allows the tenant, that is said, and not which ones there are', async () => {
  const closed = Object.fromEntries(
    Object.entries(BLUEPRINTS).map(([name, blueprint]) => [name, { ...blueprint, allow: [] }]),
  )
  const world = await openWorld({ ...WORLD, blueprints: closed })

  const refused = await ask(world, { type: 'working-copy' })

  expect(refused).toMatchObject({ ok: false, refusal: { refused: 'not_authorized' } })
  expect(JSON.stringify(refused)).not.toContain('a-closed')
})
