import { expect, test } from 'vitest'
import { releaseLease } from '../../lib/app/leases/release-lease.ts'
import { renewLease } from '../../lib/app/leases/renew-lease.ts'
import { sweep } from '../../lib/app/repair/sweep/sweep.ts'
import { slotKey } from '../../lib/app/store/keys.ts'
import { violations } from '../support/invariants.ts'
import { holder, openWorld } from '../support/world.ts'

const whatever = { name: 'as an operator would, by hand', all: [] }
const NOWHERE = '01J00000000000000000000ZZZ'

test('the sweep goes on where an ended lease was left: restarted first, given up after ten minutes', async () => {
  const world = await openWorld()
  const { leaseId } = await world.ask()
  await world.settle()
  world.halt(true)
  await releaseLease(world.ports, holder(leaseId), leaseId, 'ok')
  await world.advance(31_000)

  const first = await sweep(world.ports)
  await world.advance(600_000)
  const second = await sweep(world.ports)

  expect(first.restarted).toBe(1)
  expect(second.ended).toBe(1)
  expect(await world.lease(leaseId)).toMatchObject({ status: 'destroyed', reason: 'released' })
  expect(await world.ports.table.get(slotKey('alpha', 0))).toMatchObject({ state: 'dirty' })
})

test('the sweep prolongs the timer of a lease that was renewed, and finds nothing to do', async () => {
  const world = await openWorld()
  const { leaseId } = await world.ask({ durations: { ttl: 60_000 } })
  await world.settle()
  for (let round = 0; round < 4; round++) {
    await world.advance(30_000)
    await renewLease(world.ports, holder(leaseId), leaseId)
  }

  const findings = await sweep(world.ports)
  const again = await sweep(world.ports)

  expect(findings).toMatchObject({ due: 1, ended: 0, restarted: 0 })
  expect(again.due).toBe(0)
  expect(violations(world.table.items())).toEqual([])
})

test('a timer without a lease is dropped, and a repair that fails does not stop the sweep', async () => {
  const world = await openWorld()
  await world.ports.table.write({
    kind: 'put',
    item: { PK: 'T#0', SK: `000000000000001#${NOWHERE}`, lease: NOWHERE },
    when: whatever,
  })
  await world.ports.table.write({ kind: 'put', item: { PK: 'L#broken', SK: 'META' }, when: whatever })
  await world.ports.table.write({
    kind: 'put',
    item: { PK: 'T#1', SK: '000000000000001#x', lease: 'broken' },
    when: whatever,
  })

  const findings = await sweep(world.ports)

  expect(findings).toMatchObject({ due: 2, failed: 1, orphans: 1 })
})
