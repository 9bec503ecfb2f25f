import { expect, test } from 'vitest'
import { decide } from '../../lib/app/lifecycle/decide.ts'
import { finalizeLease } from '../../lib/app/lifecycle/finalize.ts'
import { releaseLease } from '../../lib/app/leases/release-lease.ts'
import { renewLease } from '../../lib/app/leases/renew-lease.ts'
import { readTokens } from '../../lib/app/store/read.ts'
import { slotOf } from '../../lib/app/store/slot-item.ts'
import { takeSlot } from '../../lib/app/transactions/acquire.ts'
import { makeActive } from '../../lib/app/transactions/activated.ts'
import { cleaned, renameSlot } from '../../lib/app/transactions/clean.ts'
import { endHolding, endWaiting } from '../../lib/app/transactions/end.ts'
import { freeSlot, handOver, setSlotAside } from '../../lib/app/transactions/finish.ts'
import { giveBack } from '../../lib/app/transactions/requeue.ts'
import type { Outcome } from '../../lib/app/ports/table.ts'
import type {
  AcquiredLease,
  ActiveLease,
  Lease,
  PendingLease,
  ReleasedLease,
} from '../../lib/domain/lease.ts'
import type { DirtySlot, HeldSlot } from '../../lib/domain/slot.ts'
import { violations } from '../support/invariants.ts'
import type { World } from '../support/world.ts'
import { holder, openWorld } from '../support/world.ts'

/** A lease as it was read by somebody who then took a while. */
async function seen<S extends Lease['status']>(world: World, id: string, status: S) {
  const lease = await world.lease(id)
  if (lease.status !== status) throw new Error(`lease ${id} is ${lease.status}, not ${status}`)
  return lease as Extract<Lease, { status: S }>
}

const slotSeen = (world: World) => {
  const item = world.table.items().find((one) => one.SK === 'S#000')
  if (!item) throw new Error('no slot')
  return slotOf(item)
}

const by = (world: World) => ({ now: world.ports.clock.now(), actor: 'racer' })
const winners = (outcomes: readonly Outcome[]) => outcomes.filter((outcome) => outcome.committed).length
const lostTo = (outcomes: readonly Outcome[]) =>
  outcomes.flatMap((outcome) => (outcome.committed ? [] : outcome.lost.map((lost) => lost.condition)))

/** One slot that is free, and waiters that nobody serves. */
async function waitingWorld(waiters: number) {
  const world = await openWorld()
  world.halt(true)
  const holding = await world.ask()
  const ids: string[] = []
  for (let count = 0; count < waiters; count++) ids.push((await world.ask()).leaseId)
  return { world, holding: holding.leaseId, ids }
}

/** As above, but the slot was given back and is free. */
async function freeWorld(waiters: number) {
  const { world, holding, ids } = await waitingWorld(waiters)
  const acquired: AcquiredLease = await seen(world, holding, 'acquired')
  await endHolding(world.ports, acquired, 'released', { reason: 'released' }, by(world))
  const released: ReleasedLease = await seen(world, holding, 'released')
  const slot = slotSeen(world)
  if (slot.state !== 'held') throw new Error('not held')
  await freeSlot(world.ports, released, slot, by(world))
  return { world, ids }
}

async function releasedWorld(waiters: number) {
  const { world, holding, ids } = await waitingWorld(waiters)
  await endHolding(
    world.ports,
    await seen(world, holding, 'acquired'),
    'released',
    { reason: 'released' },
    by(world),
  )
  const from: ReleasedLease = await seen(world, holding, 'released')
  return { world, from, slot: slotSeen(world) as HeldSlot, ids }
}

async function activeWorld() {
  const { world, holding, ids } = await waitingWorld(1)
  await makeActive(world.ports, await seen(world, holding, 'acquired'), undefined, by(world))
  return { world, lease: (await seen(world, holding, 'active')) satisfies ActiveLease, ids }
}

test('slot_free: of many leases that take one slot, one gets it', async () => {
  const { world, ids } = await freeWorld(5)
  const [token] = await readTokens(world.ports, 'linux')
  const leases: PendingLease[] = await Promise.all(ids.map(async (id) => seen(world, id, 'pending')))
  if (!token) throw new Error('no token')

  const takes = await Promise.all(leases.map(async (lease) => takeSlot(world.ports, lease, token, by(world))))

  const outcomes = takes.map((take) => take.outcome)
  expect(winners(outcomes)).toBe(1)
  expect(new Set(lostTo(outcomes))).toEqual(new Set(['slot_free', 'still_there']))
  expect(violations(world.table.items())).toEqual([])
})

test('lease_unchanged: one lease that is given two slots at once takes one of them', async () => {
  const world = await openWorld({ hosts: { alpha: 2 } })
  world.halt(true)
  const first = await world.ask()
  const second = await world.ask()
  const third = await world.ask()
  const waiter = await seen(world, third.leaseId, 'pending')
  for (const { leaseId } of [first, second]) {
    await endHolding(
      world.ports,
      await seen(world, leaseId, 'acquired'),
      'released',
      { reason: 'released' },
      by(world),
    )
    const lease = await seen(world, leaseId, 'released')
    const item = world.table.items().find((one) => one['lease'] === leaseId && one.SK.startsWith('S#'))
    const slot = item && slotOf(item)
    if (slot?.state === 'held') await freeSlot(world.ports, lease, slot, by(world))
  }
  const tokens = await readTokens(world.ports, 'linux')

  const takes = await Promise.all(
    tokens.map(async (token) => takeSlot(world.ports, waiter, token, by(world))),
  )

  expect(tokens).toHaveLength(2)
  expect(winners(takes.map((take) => take.outcome))).toBe(1)
  expect(violations(world.table.items())).toEqual([])
})

test('slot_held_and_offered: two finalizers give the slot away once', async () => {
  const { world, from, slot, ids } = await releasedWorld(2)
  const leases: PendingLease[] = await Promise.all(ids.map(async (id) => seen(world, id, 'pending')))

  const outcomes = await Promise.all(
    leases.map(async (to) => handOver(world.ports, from, to, slot, by(world))),
  )

  expect(winners(outcomes)).toBe(1)
  expect(lostTo(outcomes)).toContain('slot_held_and_offered')
  expect(violations(world.table.items())).toEqual([])
})

test('slot_held_by_lease: a hand-over and a setting aside do not both happen', async () => {
  const { world, from, slot, ids } = await releasedWorld(1)
  const to: PendingLease = await seen(world, ids[0] ?? '', 'pending')

  const outcomes = await Promise.all([
    setSlotAside(world.ports, from, slot, 'dirty', by(world)),
    handOver(world.ports, from, to, slot, by(world)),
  ])

  expect(winners(outcomes)).toBe(1)
  expect(violations(world.table.items())).toEqual([])
})

test('slot_held_by_lease: an activation and a requeue of one holding do not both happen', async () => {
  const { world, holding } = await waitingWorld(0)
  const lease = await seen(world, holding, 'acquired')
  const failure = { host: 'alpha', code: 'unreachable', detail: '' }

  const outcomes = await Promise.all([
    makeActive(world.ports, lease, undefined, by(world)).then(({ outcome }) => outcome),
    giveBack(world.ports, lease, failure, by(world)),
  ])

  expect(winners(outcomes)).toBe(1)
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

test('still_there: a lease that is cancelled while it is served ends either way, never both', async () => {
  const { world, ids } = await freeWorld(1)
  const lease = await seen(world, ids[0] ?? '', 'pending')
  const [token] = await readTokens(world.ports, 'linux')
  if (!token) throw new Error('no token')

  const outcomes = await Promise.all([
    endWaiting(world.ports, lease, { reason: 'cancelled' }, by(world)),
    takeSlot(world.ports, lease, token, by(world)).then(({ outcome }) => outcome),
  ])

  expect(winners(outcomes)).toBe(1)
  expect(violations(world.table.items())).toEqual([])
})

test('slot_unclean: a slot is cleaned once, however many confirm it', async () => {
  const { world, from, slot } = await releasedWorld(0)
  await setSlotAside(world.ports, from, slot, 'dirty', by(world))
  const dirty = slotSeen(world) as DirtySlot

  const outcomes = await Promise.all([1, 2, 3].map(async () => cleaned(world.ports, dirty, [])))

  expect(winners(outcomes)).toBe(1)
  expect(slotSeen(world)).toMatchObject({ state: 'free', epoch: dirty.epoch + 1 })
  expect(violations(world.table.items())).toEqual([])
})

test('nonce_unchanged: of two cleaners that rename a slot, one does', async () => {
  const { world, from, slot } = await releasedWorld(0)
  await setSlotAside(world.ports, from, slot, 'dirty', by(world))
  const dirty = slotSeen(world) as DirtySlot

  const outcomes = await Promise.all(
    ['one', 'two'].map(async (nonce) => renameSlot(world.ports, dirty, nonce)),
  )

  expect(winners(outcomes)).toBe(1)
})

test('tag_unchanged: concurrent requests of one tenant get places of their own', async () => {
  const world = await openWorld()

  await Promise.all(Array.from({ length: 20 }, async () => world.ask()))

  const places = world.table
    .items()
    .flatMap((item) => (item.SK === 'META' && item.PK.startsWith('L#') ? [item] : []))
  const bases = places.map((lease) => JSON.stringify(lease['waiters']).split('#')[1])
  expect(new Set(bases).size).toBe(20)
  expect(violations(world.table.items())).toEqual([])
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

test('a waiter that is served by somebody else while its handler tries is not served twice', async () => {
  const world = await openWorld({ hosts: { alpha: 2 } })
  world.halt(true)

  await Promise.all(Array.from({ length: 6 }, async () => world.ask()))

  const acquired = world.table.items().filter((item) => item.SK === 'META' && item['status'] === 'acquired')
  expect(acquired).toHaveLength(2)
  expect(violations(world.table.items())).toEqual([])
})

test('slot_unclean: a slot is not freed under another name than the one that its host confirmed', async () => {
  const { world, from, slot } = await releasedWorld(0)
  await setSlotAside(world.ports, from, slot, 'dirty', by(world))
  const dirty = slotSeen(world) as DirtySlot
  await renameSlot(world.ports, dirty, 'the name of another cleaner')

  const outcome = await cleaned(world.ports, dirty, [])

  expect(lostTo([outcome])).toEqual(['slot_unclean'])
})
