import { expect, test } from 'vitest'
import { applyConfig } from '../../lib/app/config/apply-config.ts'
import type { Catalogue } from '../../lib/app/config/read-config.ts'
import { readConfig } from '../../lib/app/config/read-config.ts'
import { releaseLease } from '../../lib/app/leases/release-lease.ts'
import { sweep } from '../../lib/app/repair/sweep/sweep.ts'
import { viewPool } from '../../lib/app/pools/view-pool.ts'
import { hostKey } from '../../lib/app/store/keys.ts'
import { violations } from '../support/invariants.ts'
import { catalogue, holder, openWorld } from '../support/world.ts'
import { itemAt } from './support/look.ts'

const APPLY = { dryRun: false, remove: false }
const REMOVE = { dryRun: false, remove: true }

test('what was applied is read back as it was declared', async () => {
  const world = await openWorld()

  const stored = await readConfig(world.ports)

  expect(stored.catalogue).toEqual(catalogue({}))
})

test('the same document again changes nothing', async () => {
  const world = await openWorld()

  const again = await applyConfig(world.ports, catalogue({}), APPLY)

  expect(again).toEqual({ ok: true, value: { applied: true, changes: [] } })
})

test('a dry run shows the plan and writes nothing', async () => {
  const world = await openWorld()
  const before = world.table.items()

  const plan = await applyConfig(world.ports, catalogue({ hosts: { alpha: 3, beta: 1 } }), {
    dryRun: true,
    remove: false,
  })

  expect(plan.ok && plan.value).toEqual({
    applied: false,
    changes: [
      { kind: 'host', name: 'alpha', change: 'update' },
      { kind: 'host', name: 'beta', change: 'create' },
    ],
  })
  expect(world.table.items()).toEqual(before)
})

test('new slots are born dirty, and are cleaned before anybody gets them', async () => {
  const world = await openWorld()

  await applyConfig(world.ports, catalogue({ hosts: { alpha: 3 } }), APPLY)
  const born = await viewPool(world.ports, 'linux')
  await world.settle()
  const clean = await viewPool(world.ports, 'linux')

  const states = (view: typeof born) => view.ok && view.value.hosts[0]?.slots.map((slot) => slot.state)
  expect(states(born)).toEqual(['free', 'dirty', 'dirty'])
  expect(states(clean)).toEqual(['free', 'free', 'free'])
  expect(violations(world.table.items())).toEqual([])
})

test('what a document leaves out is removed only with consent, and a host in use when its last lease has ended', async () => {
  const world = await openWorld({ hosts: { alpha: 1, beta: 1 } })
  const { leaseId } = await world.ask()
  await world.settle()
  const lease = await world.lease(leaseId)
  const used = 'slot' in lease && lease.slot ? lease.slot.host : ''
  const idle = used === 'alpha' ? 'beta' : 'alpha'

  const unasked = await applyConfig(world.ports, catalogue({ hosts: { [used]: 1 } }), APPLY)
  const asked = await applyConfig(world.ports, catalogue({ hosts: { [used]: 1 } }), REMOVE)
  const held = await applyConfig(world.ports, catalogue({ hosts: {} }), REMOVE)
  const retiring = await world.lease(leaseId)
  await releaseLease(world.ports, holder(leaseId), leaseId, 'ok')
  await world.settle()
  await sweep(world.ports)

  expect(unasked).toMatchObject({
    ok: false,
    refusal: { refused: 'not_removed', hints: { left: [`host ${idle}`] } },
  })
  expect(asked).toMatchObject({ ok: true, value: { applied: true } })
  expect(held).toMatchObject({ ok: true })
  expect(retiring).toMatchObject({ status: 'active' })
  expect(world.table.items().filter((item) => item.PK.startsWith('H#'))).toEqual([])
  expect(violations(world.table.items())).toEqual([])
})

test('two operators that apply at once do not overwrite each other unseen', async () => {
  const world = await openWorld()
  const changed = (url: string): Catalogue => {
    const base = catalogue({})
    return {
      ...base,
      repositories: { example: { name: 'example', url, defaultBranch: 'main', allowFile: false } },
    }
  }

  const both = await Promise.all(
    ['https://one.example/a.git', 'https://two.example/a.git'].map(async (url) =>
      applyConfig(world.ports, changed(url), APPLY),
    ),
  )

  expect(both.filter((result) => result.ok)).toHaveLength(1)
  expect(both.flatMap((result) => (result.ok ? [] : [result.refusal.refused]))).toEqual(['conflict'])
})

test.each([
  [
    'a pool that is not there',
    { checkout: { name: 'checkout', type: 'working-copy', pools: ['nowhere'], allow: [], limits: {} } },
    'unknown_pool',
  ],
  [
    'a working-copy blueprint as a pool',
    { checkout: { name: 'checkout', type: 'working-copy', pools: ['checkout'], allow: [], limits: {} } },
    'unknown_pool',
  ],
  [
    'a repository that is not there',
    {
      checkout: {
        name: 'checkout',
        type: 'working-copy',
        pools: ['linux'],
        repositories: ['nothing'],
        allow: [],
        limits: {},
      },
    },
    'unknown_repository',
  ],
] as const)('a blueprint that names %s is refused', async (_, blueprints, code) => {
  const world = await openWorld()
  const base = catalogue({})

  const refused = await applyConfig(
    world.ports,
    { ...base, blueprints: { ...base.blueprints, ...blueprints } },
    APPLY,
  )

  expect(refused).toMatchObject({ ok: false, refusal: { refused: code } })
})

test('a file URL is taken only where it was allowed on purpose', async () => {
  const world = await openWorld()
  const local = (allowFile: boolean): Catalogue => ({
    ...catalogue({}),
    repositories: {
      example: { name: 'example', url: 'file:///srv/a.git', defaultBranch: 'main', allowFile },
    },
  })

  expect(await applyConfig(world.ports, local(false), APPLY)).toMatchObject({
    refusal: { refused: 'impossible' },
  })
  expect(await applyConfig(world.ports, local(true), APPLY)).toMatchObject({ ok: true })
})

test('names that every object has are names like any other', async () => {
  const world = await openWorld()
  const repository = {
    name: 'constructor',
    url: 'https://example.com/c.git',
    defaultBranch: 'main',
    allowFile: false,
  }
  const wanted = {
    ...catalogue({}),
    repositories: { ...catalogue({}).repositories, constructor: repository },
  }

  const made = await applyConfig(world.ports, wanted, APPLY)
  const removed = await applyConfig(world.ports, catalogue({}), REMOVE)

  expect(made.ok && made.value.changes).toEqual([
    { kind: 'repository', name: 'constructor', change: 'create' },
  ])
  expect(removed.ok && removed.value.changes).toEqual([
    { kind: 'repository', name: 'constructor', change: 'remove' },
  ])
})

test('fewer slots on a host, or another pool, is refused', async () => {
  const world = await openWorld({ hosts: { alpha: 2 } })

  const fewer = await applyConfig(world.ports, catalogue({ hosts: { alpha: 1 } }), APPLY)

  expect(fewer).toMatchObject({ ok: false, refusal: { refused: 'in_use' } })
})

test('a host may be reached another way from now on, and nothing is left of the old one', async () => {
  const world = await openWorld()
  const base = catalogue({})
  const { name = '', pool = '', directory = '', capacity = 0 } = base.hosts['alpha'] ?? {}
  const managed = {
    name,
    pool,
    directory,
    capacity,
    transport: 'ssm',
    instance: 'mi-0123456789abcdef0',
  } as const

  const changed = await applyConfig(world.ports, { ...base, hosts: { alpha: managed } }, APPLY)
  const stored = await readConfig(world.ports)
  const item = itemAt(world, hostKey('alpha'))

  expect(changed).toMatchObject({ ok: true, value: { applied: true } })
  expect(stored.catalogue.hosts).toEqual({ alpha: managed })
  expect(Object.keys(item)).not.toContain('address')
  expect(Object.keys(item)).not.toContain('hostKey')
})

test('a host does not change its pool under its slots, and none is declared for a pool that is not there', async () => {
  const world = await openWorld()
  const base = catalogue({})
  const alpha = base.hosts['alpha']
  if (!alpha) throw new Error('no host')
  const windows = { name: 'windows', type: 'host', allow: ['*'], limits: {} } as const
  const moved = (blueprints: Catalogue['blueprints']) => ({
    ...base,
    blueprints,
    hosts: { alpha: { ...alpha, pool: 'windows' } },
  })

  const nowhere = await applyConfig(world.ports, moved(base.blueprints), APPLY)
  const elsewhere = await applyConfig(world.ports, moved({ ...base.blueprints, windows }), APPLY)

  expect(nowhere).toMatchObject({ ok: false, refusal: { refused: 'unknown_pool' } })
  expect(elsewhere).toMatchObject({ ok: false, refusal: { refused: 'in_use' } })
})

test('a pool goes with its blueprint', async () => {
  const world = await openWorld({ hosts: {} })

  await applyConfig(world.ports, { ...catalogue({ hosts: {} }), blueprints: {} }, REMOVE)

  expect(await viewPool(world.ports, 'linux')).toMatchObject({ ok: false, refusal: { refused: 'not_found' } })
})

test('a host with as many slots as there may be is removed whole', async () => {
  const world = await openWorld({ hosts: { alpha: 1, big: 64 } })

  const removed = await applyConfig(world.ports, catalogue({}), REMOVE)

  expect(removed).toMatchObject({ ok: true, value: { applied: true } })
  expect(world.table.items().some((item) => item.PK === 'H#big')).toBe(false)
  expect(violations(world.table.items())).toEqual([])
})

test('a pool knows its slots even when a later change of the same document was refused', async () => {
  const world = await openWorld({ hosts: { alpha: 2 } })
  const base = catalogue({ hosts: { alpha: 1 } })
  const extra = { name: 'extra', type: 'host', allow: ['*'], limits: {} } as const

  const refused = await applyConfig(
    world.ports,
    { ...base, blueprints: { ...base.blueprints, extra } },
    APPLY,
  )

  expect(refused).toMatchObject({ ok: false, refusal: { refused: 'in_use' } })
  expect(await viewPool(world.ports, 'extra')).toMatchObject({ ok: true })
})
