import { applyConfig } from '../../lib/app/config/apply-config.ts'
import { expect, test } from 'vitest'
import { releaseLease } from '../../lib/app/leases/release-lease.ts'
import { violations } from '../support/invariants.ts'
import { catalogue, CI, holder, openWorld } from '../support/world.ts'

test('the same key and request give the same lease and token again', async () => {
  const world = await openWorld()

  const first = await world.ask({}, CI, 'once')
  const again = await world.ask({}, CI, 'once')

  expect(again).toEqual({ leaseId: first.leaseId, token: first.token, replayed: true })
  expect(world.table.items().filter((item) => item.SK === 'META' && item.PK.startsWith('L#'))).toHaveLength(1)
})

test('the same key with another request is refused', async () => {
  const world = await openWorld()
  await world.ask({}, CI, 'once')

  const other = await world.tryAsk({ priority: 3 }, CI, 'once')

  expect(other).toMatchObject({ ok: false, refusal: { refused: 'key_reused' } })
})

test('two requests with one key at the same moment make one lease', async () => {
  const world = await openWorld()

  const both = await Promise.all([world.ask({}, CI, 'once'), world.ask({}, CI, 'once')])

  expect(new Set(both.map((created) => created.leaseId)).size).toBe(1)
  expect(violations(world.table.items())).toEqual([])
})

test('keys of different callers do not meet', async () => {
  const world = await openWorld()

  const mine = await world.ask({}, CI, 'once')
  const theirs = await world.ask({}, { ...CI, principal: 'api-token/other' }, 'once')

  expect(theirs.leaseId).not.toBe(mine.leaseId)
})

test('a tenant has as many living leases as it may, to the one, and a replay at full quota is no refusal', async () => {
  const world = await openWorld({ tenants: { acme: { name: 'acme', leases: 3 } } })

  const asked = await Promise.all(
    Array.from({ length: 8 }, (_, index) => world.tryAsk({}, CI, `key-${index}`)),
  )
  const made = asked.flatMap((result, index) => (result.ok ? [{ index, id: result.value.leaseId }] : []))
  const replay = await world.tryAsk({}, CI, `key-${made[0]?.index}`)

  expect(made).toHaveLength(3)
  expect(asked.flatMap((result) => (result.ok ? [] : [result.refusal.refused]))).toEqual(
    Array(5).fill('quota_exceeded'),
  )
  expect(replay).toMatchObject({ ok: true, value: { leaseId: made[0]?.id, replayed: true } })
})

test('a destroyed lease gives its permit back', async () => {
  const world = await openWorld({ tenants: { acme: { name: 'acme', leases: 1 } } })
  const { leaseId } = await world.ask()
  await world.settle()

  await releaseLease(world.ports, holder(leaseId), leaseId, 'ok')
  await world.settle()

  expect(await world.tryAsk()).toMatchObject({ ok: true })
})

test.each([
  ['an unknown blueprint', { blueprint: 'linus' }, 'unknown_blueprint'],
  ['an unregistered repository', { blueprint: 'checkout', repository: 'exemple' }, 'unknown_repository'],
  ['a working copy of nothing', { blueprint: 'checkout' }, 'impossible'],
  ['a repository on a bare host', { blueprint: 'linux', repository: 'example' }, 'impossible'],
  ['a ttl above the maximum', { durations: { ttl: 3_600_001 } }, 'too_long'],
])('%s is refused at once and nothing is written', async (_, demand, code) => {
  const world = await openWorld()
  const before = world.table.items()

  const refused = await world.tryAsk(demand)

  expect(refused).toMatchObject({ ok: false, refusal: { refused: code } })
  expect(world.table.items()).toEqual(before)
})

test('a refusal names the nearest valid names', async () => {
  const world = await openWorld()

  const refused = await world.tryAsk({ blueprint: 'linus' })

  expect(refused.ok || refused.refusal.hints?.['nearest']).toEqual(['linux', 'checkout'])
})

test('a pool without slots is refused, as no host could ever serve it', async () => {
  const world = await openWorld({ hosts: {} })

  const refused = await world.tryAsk()

  expect(refused).toMatchObject({ ok: false, refusal: { refused: 'impossible' } })
})

test('a blueprint serves only the repositories that it names, and tenants that it allows', async () => {
  const world = await openWorld()
  const base = catalogue({})
  const other = { name: 'other', url: 'https://example.com/o.git', defaultBranch: 'main', allowFile: false }
  const checkout = {
    name: 'checkout',
    type: 'working-copy',
    pools: ['linux'],
    repositories: ['other'],
    allow: ['acme'],
    limits: {},
  } as const
  const narrowed = {
    ...base,
    repositories: { ...base.repositories, other },
    blueprints: { ...base.blueprints, checkout },
  }
  await applyConfig(world.ports, narrowed, { dryRun: false, remove: false })

  const repository = await world.tryAsk({ blueprint: 'checkout', repository: 'example' })
  const tenant = await world.tryAsk(
    { blueprint: 'checkout', repository: 'other' },
    { ...CI, tenant: 'stranger' },
  )

  expect(repository).toMatchObject({
    ok: false,
    refusal: { refused: 'not_authorized', hints: { allowed: ['other'] } },
  })
  expect(tenant).toMatchObject({ ok: false, refusal: { refused: 'not_authorized' } })
})

test('text of a caller cannot reach into another key', async () => {
  const world = await openWorld()
  const strange = { ...CI, tenant: 'a#b%23 \u{1F6A2}(*)' }

  await world.ask({}, strange)

  const keys = world.table.items().map((item) => item.PK)
  expect(keys).toContain('TEN#a%23b%2523%20%F0%9F%9A%A2%28%2A%29')
  expect(violations(world.table.items())).toEqual([])
})

test('a replay is answered as the first time, whatever was reconfigured meanwhile', async () => {
  const world = await openWorld()
  const first = await world.ask({}, CI, 'same')
  const base = catalogue({})
  const linux = { name: 'linux', type: 'host', allow: ['others'], limits: {} } as const
  await applyConfig(
    world.ports,
    { ...base, blueprints: { ...base.blueprints, linux } },
    { dryRun: false, remove: false },
  )

  const again = await world.tryAsk({}, CI, 'same')

  expect(again).toMatchObject({
    ok: true,
    value: { leaseId: first.leaseId, token: first.token, replayed: true },
  })
})
