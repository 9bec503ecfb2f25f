import { expect, test } from 'vitest'
import { changeHost } from '../../lib/app/fleet/change-host.ts'
import { releaseLease } from '../../lib/app/leases/release-lease.ts'
import { cleanSlot } from '../../lib/app/lifecycle/clean.ts'
import { destroyLease } from '../../lib/app/lifecycle/destroy.ts'
import { finalizeLease } from '../../lib/app/lifecycle/finalize.ts'
import type { HostAnswer } from '../../lib/app/ports/hosts.ts'
import { slotKey } from '../../lib/app/store/keys.ts'
import { violations } from '../support/invariants.ts'
import type { World } from '../support/world.ts'
import { holder, openWorld } from '../support/world.ts'
import { by } from './support/look.ts'

const failed = (fault: 'request' | 'host'): HostAnswer<never> => ({
  kind: 'failed',
  fault,
  code: 'script_failed',
  detail: 'x',
})
const drain = async (world: World) => changeHost(world.ports, 'alpha', { state: 'draining' }, by(world))

test("a draining host's slot is withheld when its lease ends, and not handed on", async () => {
  const world = await openWorld()
  const first = await world.ask()
  const second = await world.ask()
  await world.settle()
  await drain(world)

  await releaseLease(world.ports, holder(first.leaseId), first.leaseId, 'ok')
  await world.settle()

  expect((await world.lease(first.leaseId)).status).toBe('destroyed')
  expect((await world.lease(second.leaseId)).status).toBe('pending')
  expect(await world.ports.table.get(slotKey('alpha', 0))).toMatchObject({ state: 'withheld' })
  expect(violations(world.table.items())).toEqual([])
})

test('a dirty slot of a draining host is cleaned and then withheld', async () => {
  const world = await openWorld()
  const { leaseId } = await world.ask()
  await world.settle()
  for (let count = 0; count < 3; count++) world.hosts.answerNext('close', failed('host'))
  await releaseLease(world.ports, holder(leaseId), leaseId, 'ok')
  world.halt(true)
  await destroyLease(world.ports, leaseId)
  await finalizeLease(world.ports, leaseId, false)
  await drain(world)

  const route = await cleanSlot(world.ports, 'alpha', 0, 0)

  expect(route).toEqual({ route: 'DONE' })
  expect(await world.ports.table.get(slotKey('alpha', 0))).toMatchObject({ state: 'withheld' })
})

test('a host that refuses to close gives a dirty slot at once, without more tries', async () => {
  const world = await openWorld()
  const { leaseId } = await world.ask()
  await world.settle()
  world.halt(true)
  await releaseLease(world.ports, holder(leaseId), leaseId, 'ok')
  world.hosts.reimage('alpha')

  const answer = await destroyLease(world.ports, leaseId)

  expect(answer).toEqual({ confirmed: false, route: 'FINALIZE' })
  expect(world.hosts.calls.filter((call) => call.verb === 'close')).toHaveLength(1)
})

test('a cleaning that finds another nonce than it was told names the one it found', async () => {
  const world = await openWorld()
  const { leaseId } = await world.ask()
  await world.settle()
  for (let count = 0; count < 3; count++) world.hosts.answerNext('close', failed('host'))
  await releaseLease(world.ports, holder(leaseId), leaseId, 'ok')
  world.halt(true)
  await destroyLease(world.ports, leaseId)
  await finalizeLease(world.ports, leaseId, false)
  world.hosts.answerNext('close', { kind: 'refused', code: 'unknown', detail: 'half a message', seen: null })

  const route = await cleanSlot(world.ports, 'alpha', 0, 0)

  expect(route).toEqual({ route: 'DONE' })
  expect(world.hosts.calls.filter((call) => call.verb === 'init')).toHaveLength(3)
})

test('a slot that cannot be cleaned is tried again ever later, and operators see why', async () => {
  const world = await openWorld({ hosts: { alpha: 1 } })
  const { leaseId } = await world.ask()
  await world.settle()
  for (let count = 0; count < 4; count++) world.hosts.answerNext('close', failed('host'))
  await releaseLease(world.ports, holder(leaseId), leaseId, 'ok')
  world.halt(true)
  await destroyLease(world.ports, leaseId)
  await finalizeLease(world.ports, leaseId, false)

  const route = await cleanSlot(world.ports, 'alpha', 0, 4)

  expect(route).toEqual({ route: 'AGAIN', seconds: 16 })
  const host = world.table.items().find((item) => item.PK === 'H#alpha' && item.SK === 'META')
  expect(host?.['reason']).toBe('script_failed: x')
})
