import { expect, test } from 'vitest'
import { matchPool } from '../../../lib/app/allocation/match.ts'
import { disableBlueprint, enableBlueprint } from '../../../lib/app/blueprints/disable-blueprint.ts'
import { releaseLease } from '../../../lib/app/leases/release-lease.ts'
import { audit } from '../../../lib/app/repair/audit/audit.ts'
import { repair } from '../../../lib/app/repair/repair.ts'
import { permitKey, timerKey, waiterItemKey } from '../../../lib/app/store/keys.ts'
import { freeSlot } from '../../../lib/app/transactions/finish.ts'
import { violations } from '../../support/invariants.ts'
import { holder, openWorld } from '../../support/world.ts'
import { late, lostTo } from '../support/late.ts'
import { by, itemAt, placesNow, put, remove, seen, slotsNow } from '../support/look.ts'
import { freeWorld, releasedWorld, waitingWorld } from './arrange.ts'

const NOTHING = { slots: 0, tokens: 0, waiters: 0, timers: 0, permits: 0, leases: 0, failed: 0 }

test('not_living: the permit of a lease is not taken from it because its lease was read too early', async () => {
  const { world, holding } = await waitingWorld(0)
  const lease = await seen(world, holding, 'acquired')
  const item = itemAt(world, { PK: `L#${holding}`, SK: 'META' })
  await remove(world, item)
  const { ports, outcomes } = late(world, 'not_living', async () => put(world, item))

  const findings = await audit(ports)

  expect(lostTo(outcomes)).toEqual(['not_living'])
  expect(findings.permits).toBe(0)
  expect(itemAt(world, permitKey('acme', lease.permit))).toMatchObject({ lease: holding })
})

test('permit_of_lease: a stray permit that another lease got meanwhile stays with that one', async () => {
  const world = await openWorld({ tenants: { acme: { name: 'acme', leases: 1 } } })
  world.halt(true)
  await put(world, { ...permitKey('acme', 0), lease: '01JNOBODY' })
  const { ports, outcomes } = late(world, 'permit_of_lease', async () => {
    await remove(world, permitKey('acme', 0))
    await world.ask()
  })

  const findings = await audit(ports)

  expect(lostTo(outcomes)).toEqual(['permit_of_lease'])
  expect(findings.permits).toBe(0)
  expect(violations(world.table.items())).toEqual([])
})

test('lease_unchanged: a place is not dropped as a stray one when its lease comes back to it', async () => {
  const { world, ids } = await waitingWorld(1)
  await disableBlueprint(world.ports, 'linux', undefined, by(world))
  const parked = await seen(world, ids[0] ?? '', 'pending')
  const place = waiterItemKey('linux', parked.waiters['linux'] ?? '')
  await put(world, { ...place, lease: parked.id, blueprint: 'linux' })
  const { ports, outcomes } = late(world, 'lease_unchanged', async () =>
    releaseLease(world.ports, holder(parked.id), parked.id, 'ok'),
  )

  const findings = await audit(ports)

  expect(lostTo(outcomes)).toContain('lease_unchanged')
  expect(findings.waiters).toBe(0)
})

test('lease_absent: what was found without its lease is not dropped when the lease is there after all', async () => {
  const { world, ids } = await waitingWorld(1)
  const item = itemAt(world, { PK: `L#${ids[0]}`, SK: 'META' })
  const place = placesNow(world, 'linux')
  await remove(world, item)
  const { ports, outcomes } = late(world, 'lease_absent', async () => put(world, item))

  const findings = await audit(ports)

  expect(lostTo(outcomes)).toEqual(['lease_absent'])
  expect(findings).toEqual(NOTHING)
  expect(placesNow(world, 'linux')).toEqual(place)
})

test('slot_held_by_lease: a held slot without its lease is not soiled when it was given on meanwhile', async () => {
  const { world, from, slot } = await releasedWorld(0)
  const item = itemAt(world, { PK: `L#${from.id}`, SK: 'META' })
  await remove(world, item)
  const { ports, outcomes } = late(world, 'slot_held_by_lease', async () => {
    await put(world, item)
    await freeSlot(world.ports, from, slot, by(world))
  })

  const findings = await audit(ports)

  expect(lostTo(outcomes)).toContain('slot_held_by_lease')
  expect(findings.slots).toBe(0)
  expect(violations(world.table.items())).toEqual([])
})

test('timer_is: a timer that a lease has left for another one meanwhile is not set again', async () => {
  const { world, ids } = await waitingWorld(1)
  const lease = await seen(world, ids[0] ?? '', 'pending')
  const timer = itemAt(world, timerKey(lease.id, lease.timer))
  await remove(world, timer)
  const { ports, outcomes } = late(world, 'timer_is', async () => {
    await put(world, timer)
    await repair(world.ports, lease.id)
  })

  const findings = await audit(ports)

  expect(lostTo(outcomes)).toContain('timer_is')
  expect(findings.timers).toBe(0)
  expect(violations(world.table.items())).toEqual([])
})

test('timer_is: a second timer is not dropped when it has become the one of its lease', async () => {
  const { world, ids } = await waitingWorld(1)
  const lease = await seen(world, ids[0] ?? '', 'pending')
  const timer = timerKey(lease.id, lease.waitDeadline)
  await put(world, { ...timer, lease: lease.id })
  const { ports, outcomes } = late(world, 'timer_is', async () => {
    await remove(world, timer)
    await repair(world.ports, lease.id)
  })

  const findings = await audit(ports)

  expect(lostTo(outcomes)).toContain('timer_is')
  expect(findings.timers).toBe(0)
  expect(violations(world.table.items())).toEqual([])
})

test('stands_as_read: a missing place is not made in the queue for a lease that was set aside meanwhile', async () => {
  const { world, ids } = await waitingWorld(1)
  const lease = await seen(world, ids[0] ?? '', 'pending')
  const place = itemAt(world, waiterItemKey('linux', lease.waiters['linux'] ?? ''))
  await remove(world, place)
  const { ports, outcomes } = late(world, 'stands_as_read', async () => {
    await put(world, place)
    await disableBlueprint(world.ports, 'linux', undefined, by(world))
  })

  const findings = await audit(ports)

  expect(lostTo(outcomes)).toContain('stands_as_read')
  expect(findings.waiters).toBe(0)
  expect(placesNow(world, 'linux')).toEqual([place.SK.replace('W', 'X')])
  expect(violations(world.table.items())).toEqual([])
})

test('stands_as_read: nor beside it for a lease that came back meanwhile', async () => {
  const { world, ids } = await waitingWorld(1)
  await disableBlueprint(world.ports, 'linux', undefined, by(world))
  const [beside = ''] = placesNow(world, 'linux')
  const place = itemAt(world, { PK: 'Q#linux', SK: beside })
  await remove(world, place)
  const { ports, outcomes } = late(world, 'stands_as_read', async () => {
    await put(world, place)
    await enableBlueprint(world.ports, 'linux', by(world))
  })

  const findings = await audit(ports)

  expect(lostTo(outcomes)).toContain('stands_as_read')
  expect(findings.waiters).toBe(0)
  expect(ids).toHaveLength(1)
  expect(placesNow(world, 'linux')).toEqual([beside.replace('X', 'W')])
  expect(violations(world.table.items())).toEqual([])
})

test('still_there: a stray place that somebody else has dropped is counted once', async () => {
  const { world } = await freeWorld(1)
  await put(world, { PK: 'Q#linux', SK: 'W#000000000000001#L', lease: '01JNOBODY', blueprint: 'linux' })
  const { ports, outcomes } = late(world, 'lease_absent', async () =>
    matchPool(world.ports, 'linux', 'somebody'),
  )

  const findings = await audit(ports)

  expect(lostTo(outcomes)).toEqual(['still_there'])
  expect(findings.waiters).toBe(0)
  expect(slotsNow(world, 'alpha').map((slot) => slot.state)).toEqual(['held'])
  expect(violations(world.table.items())).toEqual([])
})
