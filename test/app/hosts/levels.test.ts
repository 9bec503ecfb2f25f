import { expect, test } from 'vitest'
import { applyConfig } from '../../../lib/app/config/apply-config.ts'
import type { Catalogue } from '../../../lib/app/config/read-config.ts'
import { sweep } from '../../../lib/app/repair/sweep/sweep.ts'
import { blueprintKey, hostKey } from '../../../lib/app/store/keys.ts'
import type { Isolation } from '../../../lib/domain/isolation.ts'
import { violations } from '../../support/invariants.ts'
import type { World } from '../../support/world.ts'
import { catalogue, openWorld } from '../../support/world.ts'
import { hostNow, poolNow, set, statesNow } from '../support/look.ts'

const blueprints = (pool: Isolation | undefined, copies: Isolation | undefined): Catalogue['blueprints'] => {
  const named = (level: Isolation | undefined) => (level === undefined ? {} : { isolation: level })
  return {
    linux: { name: 'linux', type: 'host', allow: ['*'], limits: {}, ...named(pool) },
    checkout: {
      name: 'checkout',
      type: 'working-copy',
      pools: ['linux'],
      allow: ['*'],
      limits: {},
      ...named(copies),
    },
  }
}

/** Hosts that reach the level that their name begins with. */
const worldOf = async (hosts: Readonly<Record<string, number>>, level?: Isolation) =>
  openWorld({
    hosts,
    blueprints: blueprints(level, level),
    fakeHosts: { isolation: ({ name }) => name.split('-')[0] as Isolation },
  })

const apply = async (world: World, hosts: Readonly<Record<string, number>>, level: Isolation) =>
  applyConfig(world.ports, catalogue({ hosts, blueprints: blueprints(level, level) }), {
    dryRun: false,
    remove: false,
  })

test('a blueprint that names no level is not served by a host that keeps nobody apart', async () => {
  const world = await worldOf({ 'process-1': 1 })

  const asked = await world.tryAsk()

  expect(hostNow(world, 'process-1')).toMatchObject({ state: 'quarantined', isolation: 'process' })
  expect(hostNow(world, 'process-1').reason).toContain('isolation_too_low')
  expect(asked).toMatchObject({ ok: false, refusal: { refused: 'impossible' } })
})

test('a blueprint that names level process is served by such a host, and its lease says so', async () => {
  const world = await worldOf({ 'process-1': 1 }, 'process')

  const { leaseId } = await world.ask()
  await world.settle()

  expect(await world.lease(leaseId)).toMatchObject({
    status: 'active',
    leastIsolation: 'process',
    isolation: 'process',
  })
})

test('of a pool’s hosts only those are used that reach its level, and nobody who waits is in the way of others', async () => {
  const world = await worldOf({ 'process-1': 2, 'user-1': 1, 'cgroup-1': 1 }, 'user')
  const ids: string[] = []

  for (let count = 0; count < 3; count++) ids.push((await world.ask()).leaseId)
  await world.advance(2_000)

  const leases = await Promise.all(ids.map(async (id) => world.lease(id)))
  expect(leases.map(({ status }) => status)).toEqual(['active', 'active', 'pending'])
  expect(statesNow(world, 'process-1')).toEqual(['withheld', 'withheld'])
  expect(poolNow(world, 'linux')['slots']).toBe(2)
  expect(violations(world.table.items())).toEqual([])
})

test('a pool whose level is raised gives up its hosts below, and has them back when it is lowered', async () => {
  const hosts = { 'user-1': 1, 'cgroup-1': 1 }
  const world = await worldOf(hosts, 'user')

  await apply(world, hosts, 'cgroup')
  await world.advance(30_000)
  const raised = [hostNow(world, 'user-1').state, poolNow(world, 'linux')['slots']]
  await apply(world, hosts, 'user')
  await world.settle()

  expect(raised).toEqual(['quarantined', 1])
  expect(hostNow(world, 'user-1').state).toBe('active')
  expect(poolNow(world, 'linux')['slots']).toBe(2)
  expect(statesNow(world, 'user-1')).toEqual(['free'])
})

test('a host that lost its level before anybody probed it again gets no lease to its use', async () => {
  let level: Isolation = 'user'
  const world = await openWorld({ hosts: { alpha: 2 }, fakeHosts: { isolation: () => level } })
  level = 'process'

  const { leaseId } = await world.ask()
  await world.settle()

  expect(await world.lease(leaseId)).toMatchObject({
    status: 'pending',
    failures: [{ host: 'alpha', code: 'isolation_too_low' }],
  })
  expect(hostNow(world, 'alpha').state).toBe('quarantined')
  expect(world.table.items().some((item) => item['isolation'] === 'process' && item.SK !== 'META')).toBe(
    false,
  )
})

test('a lease keeps the level that it was promised though its pool asks for less by now', async () => {
  let level: Isolation = 'user'
  const world = await openWorld({ hosts: { alpha: 1 }, fakeHosts: { isolation: () => level } })
  world.halt(true)
  const { leaseId } = await world.ask()
  level = 'process'
  await set(world, blueprintKey('linux'), { isolation: 'process' })

  world.halt(false)
  await world.settle()

  expect(await world.lease(leaseId)).toMatchObject({
    status: 'destroyed',
    reason: 'activation_failed',
    detail: 'isolation_too_low: the host reaches level process, and user is asked for',
  })
})

test.each(['stored', 'not counted'] as const)(
  'a level that was %s by somebody who then died is acted on by the sweep',
  async (what) => {
    const world = await worldOf({ 'user-1': 1, 'cgroup-1': 2 }, 'user')
    if (what === 'stored') await set(world, hostKey('user-1'), { isolation: 'process' })
    else await set(world, { PK: 'REG#pool', SK: 'linux' }, { slots: 7 })

    await sweep(world.ports)

    expect(poolNow(world, 'linux')['slots']).toBe(what === 'stored' ? 2 : 3)
    expect(hostNow(world, 'user-1').state).toBe(what === 'stored' ? 'quarantined' : 'active')
  },
)

test.each<[string, Isolation | undefined, Isolation | undefined, string | undefined]>([
  ['says nothing', undefined, undefined, undefined],
  ['asks for what its pool has', 'process', 'process', undefined],
  ['asks for less than its pool has', 'cgroup', 'process', undefined],
  ['asks for more than its pool has', 'user', 'cgroup', 'impossible'],
  ['says nothing of a pool at level process', 'process', undefined, 'impossible'],
])('a blueprint that %s', async (_, pool, copies, code) => {
  const world = await openWorld()

  const applied = await applyConfig(world.ports, catalogue({ blueprints: blueprints(pool, copies) }), {
    dryRun: true,
    remove: false,
  })

  expect(applied.ok ? undefined : applied.refusal.refused).toBe(code)
})

test('who is not trusted is not let onto hosts that keep nobody apart', async () => {
  const world = await openWorld()
  const [linux] = Object.values(blueprints('process', undefined))
  if (!linux) throw new Error('not as arranged')
  const open = { ...linux, allow: [{ tenant: 'forks', trust: 'untrusted' }] } as const

  const applied = await applyConfig(world.ports, catalogue({ blueprints: { linux: open } }), {
    dryRun: true,
    remove: false,
  })

  expect(applied).toMatchObject({ ok: false, refusal: { refused: 'impossible' } })
})
