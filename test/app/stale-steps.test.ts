import { applyConfig } from '../../lib/app/config/apply-config.ts'
import { leaseKey, slotKey } from '../../lib/app/store/keys.ts'
import { expect, test } from 'vitest'
import { releaseLease } from '../../lib/app/leases/release-lease.ts'
import { activateLease } from '../../lib/app/lifecycle/activate.ts'
import { decide } from '../../lib/app/lifecycle/decide.ts'
import { destroyLease } from '../../lib/app/lifecycle/destroy.ts'
import { finalizeLease } from '../../lib/app/lifecycle/finalize.ts'
import { repair } from '../../lib/app/repair/repair.ts'
import type { World } from '../support/world.ts'
import { catalogue, holder, openWorld } from '../support/world.ts'

const whatever = { name: 'as an operator would, by hand', all: [] }
const NOWHERE = '01J00000000000000000000ZZZ'
const setSlot = async (world: World, set: Readonly<Record<string, string | boolean | number>>) =>
  world.ports.table.write({ kind: 'update', key: slotKey('alpha', 0), set, when: whatever })

test('an execution that decides the same too often is paused, and a change lets it go on', async () => {
  const world = await openWorld()
  await world.ask()
  const { leaseId } = await world.ask()
  await world.settle()

  let visits = (await decide(world.ports, leaseId)).visits
  const routes: string[] = []
  for (let visit = 0; visit < 21; visit++) {
    const decided = await decide(world.ports, leaseId, visits)
    visits = decided.visits
    routes.push(decided.route)
  }
  await world.advance(61_000)
  const later = await decide(world.ports, leaseId, visits)

  expect(routes.at(0)).toBe('WAIT')
  expect(routes.at(-1)).toBe('PAUSE')
  expect(later.route).toBe('WAIT')
})

test('steps for a lease that does not exist end at once', async () => {
  const world = await openWorld()

  expect(await decide(world.ports, NOWHERE)).toMatchObject({ route: 'DONE' })
  expect(await activateLease(world.ports, NOWHERE)).toEqual({ route: 'DECIDE' })
  expect(await destroyLease(world.ports, NOWHERE)).toMatchObject({ route: 'DECIDE' })
  expect(await finalizeLease(world.ports, NOWHERE, true)).toEqual({ route: 'DONE' })
  expect(await repair(world.ports, NOWHERE)).toBe('gone')
})

test('a stale step does not touch a lease that is in use', async () => {
  const world = await openWorld()
  const { leaseId } = await world.ask()
  await world.settle()
  world.halt(true)

  const destroyed = await destroyLease(world.ports, leaseId)
  const finalized = await finalizeLease(world.ports, leaseId, true)

  expect([destroyed.route, finalized.route]).toEqual(['DECIDE', 'DECIDE'])
  expect((await world.lease(leaseId)).status).toBe('active')
})

test('an activation whose deadline has passed goes to another host, and says why', async () => {
  const world = await openWorld({ hosts: { alpha: 1, beta: 1 } })
  world.halt(true)
  const { leaseId } = await world.ask()
  await world.advance(900_001)

  await decide(world.ports, leaseId)
  world.halt(false)
  await world.settle()

  expect(await world.lease(leaseId)).toMatchObject({
    status: 'active',
    failures: [{ code: 'activation_deadline', detail: 'the activation did not end in time' }],
  })
})

test('a lease whose slot was taken from it is not activated on it', async () => {
  const world = await openWorld({ hosts: { alpha: 1 } })
  world.halt(true)
  const { leaseId } = await world.ask()
  await setSlot(world, { epoch: 99 })

  const route = await activateLease(world.ports, leaseId)

  expect(route).toEqual({ route: 'DECIDE' })
  expect(world.hosts.calls.some((call) => call.verb === 'open')).toBe(false)
})

test('a slot that moved on under its lease ends the lease alone', async () => {
  const world = await openWorld()
  const { leaseId } = await world.ask()
  await world.settle()
  await setSlot(world, { epoch: 99 })

  await releaseLease(world.ports, holder(leaseId), leaseId, 'ok')
  await world.settle()

  expect(await world.lease(leaseId)).toMatchObject({ status: 'destroyed', reason: 'released' })
  expect(await world.ports.table.get(slotKey('alpha', 0))).toMatchObject({ state: 'held', epoch: 99 })
})

test('a working copy of a repository that was taken away meanwhile is nobody`s fault but the request`s', async () => {
  const world = await openWorld()
  world.halt(true)
  const { leaseId } = await world.ask({ blueprint: 'checkout', repository: 'example' })
  const without = { ...catalogue({}), repositories: {} }
  await applyConfig(world.ports, without, { dryRun: false, remove: true })

  world.halt(false)
  await world.settle()

  expect(await world.lease(leaseId)).toMatchObject({
    reason: 'request_failed',
    detail: 'repository example is not registered any more',
  })
})

test('a waiter whose lease does not wait is dropped, and the queue goes on', async () => {
  const world = await openWorld()
  const first = await world.ask()
  const second = await world.ask()
  const third = await world.ask()
  await world.settle()
  world.halt(true)
  await releaseLease(world.ports, holder(first.leaseId), first.leaseId, 'ok')
  const set = { status: 'destroyed' }
  await world.ports.table.write({ kind: 'update', key: leaseKey(second.leaseId), set, when: whatever })

  await finalizeLease(world.ports, first.leaseId, true)

  expect(await world.lease(third.leaseId)).toMatchObject({ status: 'acquired' })
  expect(world.table.items().some((item) => item.PK === 'Q#linux')).toBe(false)
})

test('a call that loses every race gives up, so that its caller tries again later', async () => {
  const world = await openWorld()
  const { leaseId } = await world.ask()
  await world.settle()
  world.halt(true)
  const timer = world.table.items().find((item) => item.PK.startsWith('T#'))
  if (!timer) throw new Error('no timer')
  await world.ports.table.write({ kind: 'delete', key: { PK: timer.PK, SK: timer.SK }, when: whatever })

  const released = releaseLease(world.ports, holder(leaseId), leaseId, 'ok')

  await expect(released).rejects.toThrow('lost 100 races in a row')
})
