import { expect, test } from 'vitest'
import { matchPool } from '../../../lib/app/allocation/match.ts'
import { disableBlueprint, enableBlueprint } from '../../../lib/app/blueprints/disable-blueprint.ts'
import { audit } from '../../../lib/app/repair/audit/audit.ts'
import { waiterItemKey } from '../../../lib/app/store/keys.ts'
import { waiterOf } from '../../../lib/app/transactions/move.ts'
import { giveBack } from '../../../lib/app/transactions/requeue.ts'
import { violations } from '../../support/invariants.ts'
import { late, lostTo } from '../support/late.ts'
import { by, itemAt, placesNow, put, remove, seen, slotsNow } from '../support/look.ts'
import { freeWorld, waitingWorld } from './arrange.ts'

const NOTHING = { slots: 0, tokens: 0, waiters: 0, timers: 0, permits: 0, leases: 0, copies: 0, failed: 0 }

test('lease_unchanged: a place is not dropped as a stray one when its lease comes back to it', async () => {
  const { world, holding } = await waitingWorld(0)
  const acquired = await seen(world, holding, 'acquired')
  const place = waiterItemKey('linux', acquired.waiters['linux'] ?? '')
  const failure = { host: 'alpha', code: 'unreachable', detail: '' }
  await put(world, { ...place, ...waiterOf(acquired) })
  const { ports, outcomes } = late(world, 'lease_unchanged', async () => {
    await remove(world, place)
    await giveBack(world.ports, acquired, failure, by(world))
  })

  const findings = await audit(ports)

  expect(lostTo(outcomes)).toEqual(['lease_unchanged'])
  expect(findings).toEqual(NOTHING)
  expect(placesNow(world, 'linux')).toEqual([place.SK])
  expect(violations(world.table.items())).toEqual([])
})

test('stands_as_read: nor when its lease was set aside and is enabled', async () => {
  const { world, ids } = await waitingWorld(1)
  await disableBlueprint(world.ports, 'linux', undefined, by(world))
  const parked = await seen(world, ids[0] ?? '', 'pending')
  const place = waiterItemKey('linux', parked.waiters['linux'] ?? '')
  await put(world, { ...place, ...waiterOf(parked) })
  const { ports, outcomes } = late(world, 'stands_as_read', async () => {
    await remove(world, place)
    await enableBlueprint(world.ports, 'linux', by(world))
  })

  const findings = await audit(ports)

  expect(lostTo(outcomes)).toEqual(['stands_as_read'])
  expect(findings).toEqual(NOTHING)
  expect(placesNow(world, 'linux')).toEqual([place.SK])
  expect(violations(world.table.items())).toEqual([])
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
