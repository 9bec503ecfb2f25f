import { expect, test } from 'vitest'
import { restartBuild } from '../../../lib/app/builds/restart-build.ts'
import type { Catalogue } from '../../../lib/app/config/read-config.ts'
import type { Caller } from '../../../lib/domain/access.ts'
import type { World } from '../../support/world.ts'
import { buildNow, demandFor, openBuilds, step, tryBuild } from '../support/builds.ts'
import { slotsNow } from '../support/look.ts'

const FORK: Caller = { principal: 'issuer/fork', tenant: 'acme', scopes: ['untrusted'] }
const STRANGER: Caller = { principal: 'api-token/other', tenant: 'other', scopes: ['lease'] }

const copies = (name: string, allow: Catalogue['blueprints'][string]['allow']) =>
  ({ [name]: { name, type: 'working-copy', pools: ['linux'], allow, limits: {} } }) as const
/** The first by name is for trusted code only. */
const BLUEPRINTS: Catalogue['blueprints'] = {
  ...copies('a-trusted', ['acme']),
  ...copies('b-forks', ['acme', { tenant: '*', trust: 'untrusted' }]),
  ...copies('checkout', ['acme', { tenant: '*', trust: 'untrusted' }]),
}

async function buildAs(world: World, caller: Caller): Promise<string> {
  const { blueprint: _, ...wish } = demandFor([]).lease
  const demand = { ...demandFor([step('ok')]), lease: wish }
  const made = await tryBuild(world, demand, 'one', caller)
  if (!made.ok) throw new Error(made.refusal.refused)
  await world.settle()
  return made.value.id
}

const restart = async (world: World, id: string, caller: Caller) => {
  const again = await restartBuild(world.ports, caller, id, { hash: 'again', requestHash: 'r' })
  await world.settle()
  return again
}

test.each([
  ['with a token for untrusted code', FORK],
  ['of a tenant that is let in as untrusted', STRANGER],
])('the lease of a build that was asked for %s is untrusted, after a restart too', async (_, caller) => {
  const world = await openBuilds({ blueprints: BLUEPRINTS })

  const id = await buildAs(world, caller)
  const first = await world.lease(buildNow(world, id).leaseId)
  const again = await restart(world, id, caller)

  const second = await world.lease(buildNow(world, id).leaseId)
  expect(again.ok).toBe(true)
  expect(buildNow(world, id)).toMatchObject({ generation: 2, verdict: { outcome: 'succeeded' } })
  expect([first, second]).toMatchObject([
    { untrusted: true, blueprint: 'b-forks' },
    { untrusted: true, blueprint: 'b-forks' },
  ])
  expect(slotsNow(world, 'alpha')).toMatchObject([{ tainted: true }])
})

test('the lease of a build that tries again by itself is as untrusted as the one before', async () => {
  const world = await openBuilds({ blueprints: BLUEPRINTS })
  const demand = { ...demandFor([step('hang')], { lease: { blueprint: 'b-forks' } }), retries: 1 }
  const made = await tryBuild(world, demand, 'one', FORK)
  const id = made.ok ? made.value.id : ''
  await world.settle()
  world.hosts.answerNext('follow', { kind: 'done', value: LOST } as never)

  await world.advance(10_000)

  const { generation, leaseId } = buildNow(world, id)
  expect(generation).toBe(2)
  expect(await world.lease(leaseId)).toMatchObject({ untrusted: true, blueprint: 'b-forks' })
})

test('a blueprint that takes no untrusted code is refused to it by name, and nothing is left of the build', async () => {
  const world = await openBuilds({ blueprints: BLUEPRINTS })
  const before = world.table.items().length

  const refused = await tryBuild(
    world,
    demandFor([step('ok')], { lease: { blueprint: 'a-trusted' } }),
    'one',
    FORK,
  )

  expect(refused).toMatchObject({ refusal: { refused: 'not_authorized' } })
  expect(world.table.items()).toHaveLength(before)
})

test('a build of trusted code gets a trusted lease, and leaves no mark', async () => {
  const world = await openBuilds({ blueprints: BLUEPRINTS })

  const id = await buildAs(world, { ...FORK, scopes: ['lease'] })

  expect(await world.lease(buildNow(world, id).leaseId)).toMatchObject({ blueprint: 'a-trusted' })
  expect(await world.lease(buildNow(world, id).leaseId)).not.toHaveProperty('untrusted')
  expect(slotsNow(world, 'alpha')[0]).not.toHaveProperty('tainted')
})

test('who comes as untrusted begins no build anew that was trusted', async () => {
  const world = await openBuilds({ blueprints: BLUEPRINTS })
  const id = await buildAs(world, { ...FORK, scopes: ['lease'] })

  const refused = await restart(world, id, FORK)

  expect(refused).toMatchObject({ refusal: { refused: 'not_authorized' } })
  expect(buildNow(world, id).generation).toBe(1)
})

/** What a host says of a command whose supervisor died. */
const LOST = {
  stdout: new Uint8Array(),
  stderr: new Uint8Array(),
  end: { exitCode: null, cause: 'lost', startedAt: 1, endedAt: 2 },
}
