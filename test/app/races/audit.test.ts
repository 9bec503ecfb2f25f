import { expect, test } from 'vitest'
import { audit } from '../../../lib/app/repair/audit/audit.ts'
import { repair } from '../../../lib/app/repair/repair.ts'
import { permitKey, timerKey } from '../../../lib/app/store/keys.ts'
import { freeSlot } from '../../../lib/app/transactions/finish.ts'
import { violations } from '../../support/invariants.ts'
import { openWorld } from '../../support/world.ts'
import { late, lostTo } from '../support/late.ts'
import { by, itemAt, put, remove, seen } from '../support/look.ts'
import { releasedWorld, waitingWorld } from './arrange.ts'

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
