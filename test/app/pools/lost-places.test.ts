import { expect, test } from 'vitest'
import { releaseLease } from '../../../lib/app/leases/release-lease.ts'
import { sweep } from '../../../lib/app/repair/sweep/sweep.ts'
import { waiterItemKey } from '../../../lib/app/store/keys.ts'
import { violations } from '../../support/invariants.ts'
import { holder, openWorld } from '../../support/world.ts'
import { remove, seen } from '../support/look.ts'

const BOTH = { blueprint: 'checkout', repository: 'example', durations: { wait: 60_000 } }

/** Slots of two pools are held; a lease waits for either, another one behind it in one of them. */
async function lostWorld() {
  const world = await openWorld({ pools: { mac: { mini: 1 } } })
  const [linux, mac] = [await world.ask(), await world.ask({ blueprint: 'mac' })]
  await world.settle()
  const head = await world.ask(BOTH)
  const behind = await world.ask({ blueprint: 'mac' })
  await world.settle()
  const lease = await seen(world, head.leaseId, 'pending')
  await remove(world, waiterItemKey('linux', lease.waiters['linux'] ?? ''))
  return { world, linux, mac, head, behind }
}

test('a head that has lost its place in another queue is served all the same, and nobody waits behind it for the audit', async () => {
  const { world, mac, head, behind } = await lostWorld()

  await releaseLease(world.ports, holder(mac.leaseId), mac.leaseId, 'ok')
  await world.settle()
  await releaseLease(world.ports, holder(head.leaseId), head.leaseId, 'ok')
  await world.settle()

  expect((await world.lease(head.leaseId)).status).toBe('destroyed')
  expect(await world.lease(head.leaseId)).toMatchObject({ slot: { host: 'mini' } })
  expect((await world.lease(behind.leaseId)).status).toBe('active')
  expect(violations(world.table.items())).toEqual([])
})

test('a lease that has lost a place can be cancelled', async () => {
  const { world, head } = await lostWorld()

  const cancelled = await releaseLease(world.ports, holder(head.leaseId), head.leaseId, 'ok')

  expect(cancelled).toMatchObject({ ok: true, value: { status: 'destroyed', reason: 'cancelled' } })
  expect(violations(world.table.items())).toEqual([])
})

test('a lease that has lost a place ends at its deadline', async () => {
  const { world, head } = await lostWorld()

  await world.advance(61_000)
  await sweep(world.ports)
  await world.settle()

  expect(await world.lease(head.leaseId)).toMatchObject({ status: 'destroyed', reason: 'wait_timeout' })
})
