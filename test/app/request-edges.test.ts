import { expect, test } from 'vitest'
import { createLease } from '../../lib/app/leases/create-lease.ts'
import { releaseLease } from '../../lib/app/leases/release-lease.ts'
import { renewLease } from '../../lib/app/leases/renew-lease.ts'
import { awaken } from '../../lib/app/lifecycle/awaken.ts'
import type { Ports } from '../../lib/app/ports/ports.ts'
import { leaseKey, registryKey } from '../../lib/app/store/keys.ts'
import { enlist } from '../../lib/app/transactions/enlist.ts'
import { create } from '../../lib/domain/transitions.ts'
import { NOON, terms } from '../support/lease-builder.ts'
import { CI, holder, openWorld } from '../support/world.ts'
import { activeWorld } from './races/arrange.ts'
import { itemAt, put, remove, seen } from './support/look.ts'

const DEMAND = { blueprint: 'linux', priority: 0, durations: {} }
const KEY = { hash: 'h', requestHash: 'r' }

test('what a requester notes is kept with its lease to the end', async () => {
  const world = await openWorld()
  const { leaseId } = await world.ask({ note: 'nightly' })
  await world.settle()
  await releaseLease(world.ports, holder(leaseId), leaseId, 'ok')
  await world.settle()

  expect(await world.lease(leaseId)).toMatchObject({ status: 'destroyed', note: 'nightly' })
})

test('a tenant without a place for any lease is refused', async () => {
  const world = await openWorld({ tenants: { acme: { name: 'acme', leases: 0 } } })

  expect(await world.tryAsk()).toMatchObject({ ok: false, refusal: { refused: 'quota_exceeded' } })
})

test('a replay whose lease was collected says so', async () => {
  const world = await openWorld()
  const { leaseId } = await world.ask({}, CI, 'once')
  await remove(world, itemAt(world, leaseKey(leaseId)))

  const replayed = await world.tryAsk({}, CI, 'once')

  expect(replayed).toMatchObject({ ok: false, refusal: { refused: 'not_found', leaseId } })
})

test('at full quota a key that was used is asked about before the request is refused', async () => {
  const world = await openWorld()
  await createLease(world.ports, CI, DEMAND, KEY)
  const step = create(terms(), { now: NOON, actor: CI.principal })

  const used = await enlist(world.ports, step, { ...KEY, owner: CI.principal }, undefined)
  const unused = await enlist(world.ports, step, { ...KEY, owner: 'api-token/other' }, undefined)

  expect(used).toMatchObject({ committed: false, lost: [{ condition: 'key_not_used' }] })
  expect(unused).toEqual({ committed: false, lost: [] })
})

test('a request that loses its place twenty times is told to come again', async () => {
  const world = await openWorld()
  const transact: Ports['table']['transact'] = async () => ({ committed: false, lost: [] })

  const refused = await createLease(
    { ...world.ports, table: { ...world.ports.table, transact } },
    CI,
    DEMAND,
    KEY,
  )

  expect(refused).toMatchObject({ ok: false, refusal: { refused: 'unavailable', retryAfterSeconds: 1 } })
})

test('a pool whose slots nobody has counted yet has none', async () => {
  const world = await openWorld()
  await put(world, { ...registryKey('pool', 'linux'), name: 'linux' })

  expect(await world.tryAsk()).toMatchObject({ ok: false, refusal: { refused: 'impossible' } })
})

test('a repository that no blueprint may have and nobody registered is told as the latter', async () => {
  const checkout = {
    name: 'checkout',
    type: 'working-copy',
    pools: ['linux'],
    repositories: ['example'],
    allow: ['*'],
    limits: {},
  } as const
  const world = await openWorld({ blueprints: { checkout } })
  const demand = { type: 'working-copy', priority: 0, durations: {} }

  const refused = await createLease(world.ports, CI, { ...demand, repository: 'exemple' }, KEY)

  expect(refused).toMatchObject({
    ok: false,
    refusal: { refused: 'unknown_repository', hints: { nearest: ['example'] } },
  })
})

test('a lease that is given back after its time is over has expired', async () => {
  const { world, lease } = await activeWorld()
  await world.advance(lease.ttl)

  await releaseLease(world.ports, holder(lease.id), lease.id, 'ok')

  expect(await seen(world, lease.id, 'released')).toMatchObject({ reason: 'expired' })
})

test('a lease that was collected in the moment of its release is not found', async () => {
  const { world, lease } = await activeWorld()
  const executions: Ports['executions'] = world.ports.executions
  const table: Ports['table'] = {
    ...world.ports.table,
    transact: async (opId, writes) => {
      const outcome = await world.ports.table.transact(opId, writes)
      await remove(world, itemAt(world, leaseKey(lease.id)))
      return outcome
    },
  }

  const released = await releaseLease({ ...world.ports, executions, table }, holder(lease.id), lease.id, 'ok')

  expect(released).toMatchObject({ ok: false, refusal: { refused: 'not_found' } })
})

test('what is not there is neither renewed nor awakened', async () => {
  const world = await openWorld()

  const refused = await renewLease(world.ports, holder('01J0'), '01J0')
  await awaken(world.ports, '01J0')

  expect(refused).toMatchObject({ ok: false, refusal: { refused: 'not_found' } })
  expect(world.table.items().some((item) => item.PK === 'L#01J0')).toBe(false)
})
