import { expect, test } from 'vitest'
import { candidate } from '../../../lib/app/allocation/candidate.ts'
import { readFirstTokens, readQueue } from '../../../lib/app/store/read.ts'
import { tokenItem, tokenOfSlot } from '../../../lib/app/store/slot-item.ts'
import { takeSlot } from '../../../lib/app/transactions/acquire.ts'
import { dropWaiter } from '../../../lib/app/transactions/drop-waiter.ts'
import { endHolding, endWaiting } from '../../../lib/app/transactions/end.ts'
import { freeSlot } from '../../../lib/app/transactions/finish.ts'
import { reclaimSlot } from '../../../lib/app/transactions/reclaim.ts'
import { giveBack } from '../../../lib/app/transactions/requeue.ts'
import { violations } from '../../support/invariants.ts'
import { openWorld } from '../../support/world.ts'
import { late, lostTo, winners } from '../support/late.ts'
import { by, leasesNow, placesNow, put, seen, slotSeen, slotsNow, statesNow } from '../support/look.ts'
import { createTurns } from '../support/turns.ts'
import { freeWorld, release, waitingWorld } from './arrange.ts'

test('slot_free: of many leases that take one slot, one gets it', async () => {
  const { world, ids } = await freeWorld(5)
  const [token] = await readFirstTokens(world.ports, 'linux', 1)
  const leases = await Promise.all(ids.map(async (id) => seen(world, id, 'pending')))
  if (!token) throw new Error('no token')

  const takes = await Promise.all(leases.map(async (lease) => takeSlot(world.ports, lease, token, by(world))))

  const outcomes = takes.map((take) => take.outcome)
  expect(winners(outcomes)).toBe(1)
  expect(new Set(lostTo(outcomes))).toEqual(new Set(['slot_free', 'still_there']))
  expect(violations(world.table.items())).toEqual([])
})

test('slot_free: a slot that is being emptied is not given away, though its token was left', async () => {
  const { world, ids } = await freeWorld(1)
  const lease = await seen(world, ids[0] ?? '', 'pending')
  const free = slotSeen(world, 'alpha', 0, 'free')
  await reclaimSlot(world.ports, free)
  await put(world, tokenItem(tokenOfSlot(free)))

  const { outcome } = await takeSlot(world.ports, lease, tokenOfSlot(free), by(world))

  expect(lostTo([outcome])).toEqual(['slot_free'])
  expect(statesNow(world, 'alpha')).toEqual(['dirty'])
})

test('slot_free: a token that was left of an earlier time does not set the epoch of its slot back', async () => {
  const { world, ids } = await freeWorld(2)
  const [one, other] = await Promise.all(ids.map(async (id) => seen(world, id, 'pending')))
  const token = tokenOfSlot(slotSeen(world, 'alpha', 0, 'free'))
  if (!one || !other) throw new Error('not as arranged')
  await takeSlot(world.ports, one, token, by(world))
  const { from, slot } = await release(world, one.id)
  await freeSlot(world.ports, from, slot, by(world))
  await put(world, tokenItem(token))

  const { outcome } = await takeSlot(world.ports, other, token, by(world))

  expect(lostTo([outcome])).toEqual(['slot_free'])
  expect(slotSeen(world, 'alpha', 0, 'free').epoch).toBe(token.epoch + 1)
})

test('lease_unchanged: one lease that is given two slots at once takes one of them', async () => {
  const world = await openWorld({ hosts: { alpha: 2 } })
  world.halt(true)
  const first = await world.ask()
  const second = await world.ask()
  const third = await world.ask()
  const waiter = await seen(world, third.leaseId, 'pending')
  for (const { leaseId } of [first, second]) {
    const acquired = await seen(world, leaseId, 'acquired')
    await endHolding(world.ports, acquired, 'released', { reason: 'released' }, by(world))
    const lease = await seen(world, leaseId, 'released')
    const slot = slotsNow(world, 'alpha').find((one) => one.state === 'held' && one.lease === leaseId)
    if (slot?.state === 'held') await freeSlot(world.ports, lease, slot, by(world))
  }
  const tokens = await readFirstTokens(world.ports, 'linux', 100)

  const takes = await Promise.all(
    tokens.map(async (token) => takeSlot(world.ports, waiter, token, by(world))),
  )

  expect(tokens).toHaveLength(2)
  expect(winners(takes.map((take) => take.outcome))).toBe(1)
  expect(lostTo(takes.map((take) => take.outcome))).toContain('lease_unchanged')
  expect(violations(world.table.items())).toEqual([])
})

test('still_there: a lease that is cancelled while it is served ends either way, never both', async () => {
  const { world, ids } = await freeWorld(1)
  const lease = await seen(world, ids[0] ?? '', 'pending')
  const [token] = await readFirstTokens(world.ports, 'linux', 1)
  if (!token) throw new Error('no token')

  const outcomes = await Promise.all([
    endWaiting(world.ports, lease, { reason: 'cancelled' }, by(world)),
    takeSlot(world.ports, lease, token, by(world)).then(({ outcome }) => outcome),
  ])

  expect(winners(outcomes)).toBe(1)
  expect(violations(world.table.items())).toEqual([])
})

test('not_waiting: a place is not dropped when its lease waits again since it was read', async () => {
  const { world, holding } = await waitingWorld(0)
  const acquired = await seen(world, holding, 'acquired')
  const key = acquired.waiters['linux'] ?? ''
  const place = { key, lease: holding, blueprint: 'linux' }
  const failure = { host: 'alpha', code: 'unreachable', detail: '' }
  const { ports, outcomes } = late(world, 'not_waiting', async () =>
    giveBack(world.ports, acquired, failure, by(world)),
  )

  const dropped = await dropWaiter(ports, 'linux', place)

  expect(dropped).toBe(false)
  expect(lostTo(outcomes)).toContain('not_waiting')
  expect(placesNow(world, 'linux')).toEqual([key])
  expect(violations(world.table.items())).toEqual([])
})

test('a place whose lease was served meanwhile is no fault: the queue has moved on', async () => {
  const { world, holding } = await waitingWorld(0)
  const key = (await seen(world, holding, 'acquired')).waiters['linux'] ?? ''

  const found = await candidate(world.ports, 'linux', { key, lease: holding, blueprint: 'linux' })

  expect(found).toEqual({ lease: undefined, cleared: true })
})

test('a waiter that is served by somebody else while its handler tries is not served twice', async () => {
  for (let seed = 1; seed <= 10; seed++) {
    const world = await openWorld({ seed, hosts: { alpha: 2 }, turn: createTurns(seed) })
    world.halt(true)

    await Promise.all(Array.from({ length: 6 }, async () => world.ask()))

    expect(leasesNow(world, 'acquired')).toHaveLength(2)
    expect(violations(world.table.items())).toEqual([])
  }
})

test('slots that are there for all who come at once are given to all of them, whoever reads when', async () => {
  for (let seed = 1; seed <= 10; seed++) {
    const world = await openWorld({ seed, hosts: { alpha: 4, beta: 4 }, turn: createTurns(seed) })
    world.halt(true)

    await Promise.all(Array.from({ length: 8 }, async () => world.ask()))

    expect(leasesNow(world, 'acquired')).toHaveLength(8)
    expect(await readQueue(world.ports, 'linux')).toEqual([])
    expect(violations(world.table.items())).toEqual([])
  }
})
