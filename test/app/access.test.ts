import { viewPool } from '../../lib/app/pools/view-pool.ts'
import { expect, test } from 'vitest'
import { listLeases } from '../../lib/app/leases/list-leases.ts'
import { releaseLease } from '../../lib/app/leases/release-lease.ts'
import { renewLease } from '../../lib/app/leases/renew-lease.ts'
import { awaitLease } from '../../lib/app/leases/view-lease.ts'
import type { Caller } from '../../lib/domain/access.ts'
import { CI, holder, openWorld } from '../support/world.ts'

const OPERATOR: Caller = { principal: 'issuer/ops', tenant: 'ops', scopes: ['operator'] }

test('a renewal that does not prolong changes nothing, and none is longer than what was granted', async () => {
  const world = await openWorld()
  const { leaseId } = await world.ask({ durations: { ttl: 600_000 } })
  const early = await renewLease(world.ports, holder(leaseId), leaseId)
  await world.settle()

  const shorter = await renewLease(world.ports, holder(leaseId), leaseId, 60_000)
  const longer = await renewLease(world.ports, holder(leaseId), leaseId, 600_001)

  expect(early).toMatchObject({ ok: false, refusal: { refused: 'not_active' } })
  expect(shorter.ok && shorter.value).toEqual(await world.lease(leaseId))
  expect(longer).toMatchObject({ ok: false, refusal: { refused: 'past_maximum' } })
})

test.each([
  ['a stranger', { ...CI, principal: 'api-token/other' }, 'not_found'],
  ['its owner', CI, 'not_authorized'],
])('a lease is not released by %s', async (_, caller, code) => {
  const world = await openWorld()
  const { leaseId } = await world.ask()

  const refused = await releaseLease(world.ports, caller, leaseId, 'ok')

  expect(refused).toMatchObject({ ok: false, refusal: { refused: code } })
})

test('an operator ends what others hold or wait for, and the lease says so', async () => {
  const world = await openWorld()
  const held = await world.ask()
  const waiting = await world.ask()
  await world.settle()

  await releaseLease(world.ports, OPERATOR, waiting.leaseId, 'ok')
  await releaseLease(world.ports, OPERATOR, held.leaseId, 'host_suspect')
  await world.settle()

  expect(await world.lease(waiting.leaseId)).toMatchObject({ reason: 'operator' })
  expect(await world.lease(held.leaseId)).toMatchObject({
    reason: 'operator',
    detail: 'its holder said: host_suspect',
  })
})

test('pages of leases go on where the last one ended, newest first, and filters hold', async () => {
  const world = await openWorld()
  const made: string[] = []
  for (let count = 0; count < 5; count++) made.push((await world.ask()).leaseId)
  await world.settle()

  const first = await listLeases(world.ports, OPERATOR, { limit: 2 })
  const cursor = first.ok ? first.value.cursor : undefined
  const rest = await listLeases(world.ports, CI, { limit: 100, ...(cursor === undefined ? {} : { cursor }) })
  const active = await listLeases(world.ports, CI, {
    limit: 100,
    status: 'active',
    blueprint: 'linux',
    pool: 'linux',
    owner: CI.principal,
  })
  const others = await listLeases(world.ports, { ...CI, tenant: 'other' }, { limit: 100 })

  const ids = [first, rest].flatMap((page) => (page.ok ? page.value.leases.map((lease) => lease.id) : []))
  expect(ids).toEqual(made.toReversed())
  expect(active.ok && active.value.leases).toHaveLength(1)
  expect(others.ok && others.value.leases).toEqual([])
})

test.each([
  ['a cursor made up by hand', CI, { cursor: "x' OR 1" }, 'bad_cursor'],
  ["another tenant's leases", CI, { tenant: 'other' }, 'not_authorized'],
])('%s is refused', async (_, caller, query, code) => {
  const world = await openWorld()

  const refused = await listLeases(world.ports, caller, { limit: 10, ...query })

  expect(refused).toMatchObject({ ok: false, refusal: { refused: code } })
})

test('far from the head of the queue a long poll answers at once, with a time to come again', async () => {
  const world = await openWorld()
  let last = ''
  for (let count = 0; count < 23; count++) last = (await world.ask()).leaseId
  await world.settle()
  const before = world.ports.clock.now()

  const answer = await awaitLease(world.ports, CI, last, 20_000)

  expect(answer.ok && answer.value).toMatchObject({ retryAfterSeconds: 1, waiting: { position: 22 } })
  expect(world.ports.clock.now()).toBe(before)
})

test('operators see demand and supply of a pool, and how long its head has waited', async () => {
  const world = await openWorld()
  await world.ask()
  await world.ask()
  await world.settle()
  await world.advance(5_000)

  const view = await viewPool(world.ports, 'linux')

  expect(view.ok && view.value).toMatchObject({ waiting: 1, oldestWait: 5_000 })
  expect(await viewPool(world.ports, 'linus')).toMatchObject({
    ok: false,
    refusal: { hints: { nearest: ['linux'] } },
  })
})

test.each([
  ['another principal of the tenant', { ...CI, principal: 'api-token/other' }, 0],
  ['the owner', CI, 2],
  ['an operator', OPERATOR, 2],
])('the list shows %s what it may read, and no more', async (_, caller, count) => {
  const world = await openWorld()
  await world.ask()
  await world.ask()

  const page = await listLeases(world.ports, caller, { limit: 10 })

  expect(page.ok && page.value.leases).toHaveLength(count)
})
