import { expect, test } from 'vitest'
import { changeHost } from '../../../lib/app/fleet/change-host.ts'
import { renewLease } from '../../../lib/app/leases/renew-lease.ts'
import { releaseLease } from '../../../lib/app/leases/release-lease.ts'
import { awaken } from '../../../lib/app/lifecycle/awaken.ts'
import { decide } from '../../../lib/app/lifecycle/decide.ts'
import { finalizeLease } from '../../../lib/app/lifecycle/finalize.ts'
import { leaseKey, permitKey } from '../../../lib/app/store/keys.ts'
import { makeActive } from '../../../lib/app/transactions/activated.ts'
import { endHolding, endWaiting } from '../../../lib/app/transactions/end.ts'
import { handOver, setSlotAside } from '../../../lib/app/transactions/finish.ts'
import { giveBack } from '../../../lib/app/transactions/requeue.ts'
import { violations } from '../../support/invariants.ts'
import { holder, openWorld } from '../../support/world.ts'
import { late, lostTo, winners } from '../support/late.ts'
import { by, itemAt, seen, set, statesNow } from '../support/look.ts'
import { activeWorld, releasedWorld, waitingWorld } from './arrange.ts'

test('slot_held_and_offered: two finalizers give the slot away once', async () => {
  const { world, from, slot, ids } = await releasedWorld(2)
  const leases = await Promise.all(ids.map(async (id) => seen(world, id, 'pending')))

  const outcomes = await Promise.all(
    leases.map(async (to) => handOver(world.ports, from, to, slot, by(world))),
  )

  expect(winners(outcomes)).toBe(1)
  expect(lostTo(outcomes)).toContain('slot_held_and_offered')
  expect(violations(world.table.items())).toEqual([])
})

test.each([
  ['is not handed on', 1],
  ['is not freed', 0],
])('slot_held_and_offered: a slot whose host is drained before the last step %s', async (_, waiters) => {
  const { world, from, ids } = await releasedWorld(waiters)
  const { ports, outcomes } = late(world, 'slot_held_and_offered', async () =>
    changeHost(world.ports, 'alpha', { state: 'draining' }, by(world)),
  )

  await finalizeLease(ports, from.id, true)

  expect(lostTo(outcomes)).toEqual(['slot_held_and_offered'])
  expect(statesNow(world, 'alpha')).toEqual(['withheld'])
  for (const id of ids) expect((await world.lease(id)).status).toBe('pending')
  expect(violations(world.table.items())).toEqual([])
})

test('slot_held_not_offered: a slot whose host comes back before the last step is handed on after all', async () => {
  const { world, from, ids } = await releasedWorld(1)
  await changeHost(world.ports, 'alpha', { state: 'draining' }, by(world))
  const { ports, outcomes } = late(world, 'slot_held_not_offered', async () =>
    changeHost(world.ports, 'alpha', { state: 'active' }, by(world)),
  )

  await finalizeLease(ports, from.id, true)

  expect(lostTo(outcomes)).toEqual(['slot_held_not_offered'])
  expect((await world.lease(ids[0] ?? '')).status).toBe('acquired')
  expect(violations(world.table.items())).toEqual([])
})

test('slot_held_by_lease: a hand-over and a setting aside do not both happen', async () => {
  const { world, from, slot, ids } = await releasedWorld(1)
  const to = await seen(world, ids[0] ?? '', 'pending')

  const outcomes = await Promise.all([
    handOver(world.ports, from, to, slot, by(world)),
    setSlotAside(world.ports, from, slot, 'dirty', by(world)),
  ])

  expect(winners(outcomes)).toBe(1)
  expect(lostTo(outcomes)).toContain('slot_held_by_lease')
  expect(violations(world.table.items())).toEqual([])
})

test('slot_held_by_lease: an activation and a requeue of one holding do not both happen', async () => {
  const { world, holding } = await waitingWorld(0)
  const lease = await seen(world, holding, 'acquired')
  const failure = { host: 'alpha', code: 'unreachable', detail: '' }

  const outcomes = await Promise.all([
    giveBack(world.ports, lease, failure, by(world)),
    makeActive(world.ports, lease, { isolation: 'user' }, by(world)).then(({ outcome }) => outcome),
  ])

  expect(winners(outcomes)).toBe(1)
  expect(lostTo(outcomes)).toContain('slot_held_by_lease')
  expect(violations(world.table.items())).toEqual([])
})

test('lease_expired: expiry never ends a lease that was renewed in time', async () => {
  const { world, lease } = await activeWorld()
  await world.advance(lease.ttl - 1_000)
  const renewed = await renewLease(world.ports, holder(lease.id), lease.id)
  const after = { now: lease.expiresAt + 1, actor: 'a sweep that read the lease before its renewal' }

  const outcome = await endHolding(world.ports, lease, 'released', { reason: 'expired' }, after)

  expect(renewed.ok).toBe(true)
  expect(lostTo([outcome])).toEqual(['lease_expired'])
  expect((await world.lease(lease.id)).status).toBe('active')
})

test('renewable: a renewal of an expired lease is refused, even before anybody acted on the expiry', async () => {
  const { world, lease } = await activeWorld()
  await world.advance(lease.ttl)

  const renewed = await renewLease(world.ports, holder(lease.id), lease.id)

  expect(renewed).toMatchObject({ ok: false, refusal: { refused: 'lease_lost' } })
  expect((await world.lease(lease.id)).status).toBe('active')
})

test('renewable: a renewal that comes after the release it raced with tells that the lease is lost', async () => {
  const { world, lease } = await activeWorld()
  await world.advance(1_000)
  const { ports, outcomes } = late(world, 'renewable', async () =>
    releaseLease(world.ports, holder(lease.id), lease.id, 'ok'),
  )

  const renewed = await renewLease(ports, holder(lease.id), lease.id)

  expect(lostTo(outcomes)).toEqual(['renewable'])
  expect(renewed).toMatchObject({ ok: false, refusal: { refused: 'lease_lost' } })
  expect(await world.lease(lease.id)).not.toHaveProperty('expiresAt')
})

test('renewable: a slow renewal does not shorten what a later one has granted', async () => {
  const { world, lease } = await activeWorld()
  await world.advance(1_000)
  const { ports, outcomes } = late(world, 'renewable', async () => {
    await world.advance(2_000)
    await renewLease(world.ports, holder(lease.id), lease.id)
  })

  await renewLease(ports, holder(lease.id), lease.id)

  expect(lostTo(outcomes)).toEqual(['renewable'])
  expect((await seen(world, lease.id, 'active')).expiresAt).toBe(lease.expiresAt + 3_000)
})

test('permit_of_lease: who ends a lease a second time does not give back the permit of another', async () => {
  const world = await openWorld({ tenants: { acme: { name: 'acme', leases: 2 } } })
  world.halt(true)
  await world.ask()
  const before = await seen(world, (await world.ask()).leaseId, 'pending')
  await endWaiting(world.ports, before, { reason: 'cancelled' }, by(world))
  const next = await seen(world, (await world.ask()).leaseId, 'pending')

  const outcome = await endWaiting(world.ports, before, { reason: 'cancelled' }, by(world))

  expect(next.permit).toBe(before.permit)
  expect(lostTo([outcome])).toContain('permit_of_lease')
  expect(itemAt(world, permitKey('acme', next.permit))).toMatchObject({ lease: next.id })
})

test('token_unused: a task token that was stored while another one was used waits for its own use', async () => {
  const world = await openWorld()
  const { leaseId } = await world.ask()
  await world.settle()
  const { ports, outcomes } = late(world, 'token_unused', async () =>
    set(world, leaseKey(leaseId), { taskToken: 'the next one' }),
  )

  await awaken(ports, leaseId)

  expect(lostTo(outcomes)).toEqual(['token_unused'])
  expect(itemAt(world, leaseKey(leaseId))).toMatchObject({ taskToken: 'the next one' })
})

test('a duplicate of every step is harmless', async () => {
  const world = await openWorld()
  const first = await world.ask()
  const second = await world.ask()
  await world.settle()

  const id = first.leaseId
  await Promise.all([decide(world.ports, id), decide(world.ports, id), finalizeLease(world.ports, id, true)])
  await Promise.all([1, 2, 3].map(async () => releaseLease(world.ports, holder(id), id, 'ok')))
  await Promise.all([finalizeLease(world.ports, id, true), finalizeLease(world.ports, id, false)])
  await world.settle()

  expect((await world.lease(id)).status).toBe('destroyed')
  expect(['active', 'acquired', 'pending']).toContain((await world.lease(second.leaseId)).status)
  expect(violations(world.table.items())).toEqual([])
})
