import { expect, test } from 'vitest'
import { releaseLease } from '../../lib/app/leases/release-lease.ts'
import { renewLease } from '../../lib/app/leases/renew-lease.ts'
import { awaitLease } from '../../lib/app/leases/view-lease.ts'
import { violations } from '../support/invariants.ts'
import { NOON } from '../support/lease-builder.ts'
import { CI, holder, openWorld } from '../support/world.ts'

const statusesOf = (
  items: readonly { readonly PK: string; readonly [name: string]: unknown }[],
  id: string,
) =>
  items
    .filter((item) => item.PK === `L#${id}` && 'type' in item && 'actor' in item)
    .map((item) => item['type'])

test('a lease goes from its request over a free slot to active, and back', async () => {
  const world = await openWorld()

  const { leaseId } = await world.ask()
  await world.settle()
  const active = await world.lease(leaseId)
  await releaseLease(world.ports, holder(leaseId), leaseId, 'ok')
  await world.settle()

  expect(active).toMatchObject({
    status: 'active',
    slot: { host: 'alpha', number: 0, pool: 'linux' },
    epoch: 3,
  })
  expect(await world.lease(leaseId)).toMatchObject({ status: 'destroyed', reason: 'released' })
  expect(statusesOf(world.table.items(), leaseId)).toEqual([
    'created',
    'acquired',
    'activated',
    'released',
    'destroyed',
  ])
  expect(violations(world.table.items())).toEqual([])
})

test('a released slot goes to the head of the queue in the same transaction, at the next epoch', async () => {
  const world = await openWorld()
  const first = await world.ask()
  const second = await world.ask()
  const third = await world.ask()
  await world.settle()

  await releaseLease(world.ports, holder(first.leaseId), first.leaseId, 'ok')
  await world.settle()

  const next = await world.lease(second.leaseId)
  expect(next).toMatchObject({ status: 'active', epoch: 4 })
  expect(await world.lease(third.leaseId)).toMatchObject({ status: 'pending' })
  expect(violations(world.table.items())).toEqual([])
})

test('who waits is told its place and the reason', async () => {
  const world = await openWorld()
  await world.ask()
  const second = await world.ask()
  const third = await world.ask()
  await world.settle()

  const next = await awaitLease(world.ports, CI, second.leaseId, 0)
  const far = await awaitLease(world.ports, CI, third.leaseId, 0)

  expect(next.ok && next.value.waiting).toEqual({
    position: 1,
    pool: 'linux',
    because: 'none of the 1 slots of pool linux is free; it is next',
  })
  expect(far.ok && far.value.waiting?.position).toBe(2)
})

test('a lease that is not renewed comes back by itself', async () => {
  const world = await openWorld()
  const { leaseId } = await world.ask({ durations: { ttl: 60_000 } })
  await world.settle()

  await world.advance(63_000)

  const ended = await world.lease(leaseId)
  expect(ended).toMatchObject({ status: 'destroyed', reason: 'expired' })
  expect('endedAt' in ended && ended.endedAt - NOON).toBeLessThanOrEqual(63_000)
  expect(violations(world.table.items())).toEqual([])
})

test('renewals keep a lease alive up to its hard maximum, then it ends', async () => {
  const world = await openWorld()
  const { leaseId } = await world.ask({ durations: { ttl: 60_000, maxHold: 150_000 } })
  await world.settle()

  const renewals = []
  for (let round = 0; round < 4; round++) {
    await world.advance(40_000)
    const renewed = await renewLease(world.ports, holder(leaseId), leaseId)
    renewals.push(renewed.ok ? 'renewed' : renewed.refusal.refused)
  }

  expect(renewals).toEqual(['renewed', 'renewed', 'renewed', 'lease_lost'])
  expect(await world.lease(leaseId)).toMatchObject({ reason: 'expired' })
})

test('a lease at its hard maximum says so when it is renewed', async () => {
  const world = await openWorld()
  const { leaseId } = await world.ask({ durations: { ttl: 60_000, maxHold: 60_000 } })
  await world.settle()

  const renewed = await renewLease(world.ports, holder(leaseId), leaseId)

  expect(renewed).toMatchObject({ ok: false, refusal: { refused: 'past_maximum' } })
})

test('a waiting lease leaves the queue when it is released, or when its time to wait is over', async () => {
  const world = await openWorld()
  await world.ask()
  const cancelled = await world.ask()
  const patient = await world.ask({ durations: { wait: 30_000 } })
  await world.settle()

  await releaseLease(world.ports, holder(cancelled.leaseId), cancelled.leaseId, 'ok')
  await world.advance(46_000)

  expect(await world.lease(cancelled.leaseId)).toMatchObject({ status: 'destroyed', reason: 'cancelled' })
  expect(await world.lease(patient.leaseId)).toMatchObject({ status: 'destroyed', reason: 'wait_timeout' })
  expect(violations(world.table.items())).toEqual([])
})

test('a release that comes twice answers the same twice', async () => {
  const world = await openWorld()
  const { leaseId } = await world.ask()
  await world.settle()

  const first = await releaseLease(world.ports, holder(leaseId), leaseId, 'ok')
  await world.settle()
  const second = await releaseLease(world.ports, holder(leaseId), leaseId, 'ok')

  expect(first.ok && first.value.status).toBe('released')
  expect(second.ok && second.value).toMatchObject({ status: 'destroyed', reason: 'released' })
})

test('higher priorities go first, and a priority step is outwaited in ten minutes', async () => {
  const world = await openWorld()
  const held = await world.ask({ durations: { ttl: 3_600_000 } })
  const low = await world.ask({ priority: 0, durations: { wait: 3_600_000 } })
  await world.settle()
  await world.advance(599_000)
  const high = await world.ask({ priority: 1 })
  await world.settle()

  await releaseLease(world.ports, holder(held.leaseId), held.leaseId, 'ok')
  await world.settle()

  expect((await world.lease(high.leaseId)).status).toBe('active')
  expect((await world.lease(low.leaseId)).status).toBe('pending')
})
