import { expect, test } from 'vitest'
import { disableBlueprint, enableBlueprint } from '../../../lib/app/blueprints/disable-blueprint.ts'
import { releaseLease } from '../../../lib/app/leases/release-lease.ts'
import { awaitLease } from '../../../lib/app/leases/view-lease.ts'
import { sweep } from '../../../lib/app/repair/sweep/sweep.ts'
import { violations } from '../../support/invariants.ts'
import type { World } from '../../support/world.ts'
import { CI, holder, openWorld } from '../../support/world.ts'
import { blueprintNow, by, placesNow, poolNow } from '../support/look.ts'

const COPY = { blueprint: 'checkout', repository: 'example' }
const MINUTE = 60_000

const disable = async (world: World, name: string, reason?: string) =>
  disableBlueprint(world.ports, name, reason, by(world))
const enable = async (world: World, name: string) => enableBlueprint(world.ports, name, by(world))
const release = async (world: World, id: string) => releaseLease(world.ports, holder(id), id, 'ok')

/** One slot that is held by a host lease; then wait, in this order: a copy, a host, a copy. */
async function queued() {
  const world = await openWorld()
  const held = (await world.ask()).leaseId
  const copy = (await world.ask(COPY)).leaseId
  const host = (await world.ask()).leaseId
  const last = (await world.ask(COPY)).leaseId
  await world.settle()
  return { world, held, copy, host, last }
}

const statuses = async (world: World, ids: readonly string[]) =>
  Promise.all(ids.map(async (id) => (await world.lease(id)).status))

test('a released slot goes past the leases of a disabled blueprint to the next of another one', async () => {
  const { world, held, copy, host } = await queued()

  await disable(world, 'checkout')
  await release(world, held)
  await world.settle()

  expect(await statuses(world, [copy, host])).toEqual(['pending', 'active'])
  expect(violations(world.table.items())).toEqual([])
})

test('enabled again, whoever waited stands at its very place and is next', async () => {
  const { world, held, copy, host, last } = await queued()
  const before = placesNow(world, 'linux')

  await disable(world, 'checkout')
  const during = placesNow(world, 'linux')
  await enable(world, 'checkout')
  const after = placesNow(world, 'linux')
  await release(world, held)
  await world.settle()

  expect(during.filter((place) => place.startsWith('X#'))).toHaveLength(2)
  expect(during.map((place) => place.replace('X', 'W')).toSorted()).toEqual(before)
  expect(after).toEqual(before)
  expect(await statuses(world, [copy, host, last])).toEqual(['active', 'pending', 'pending'])
})

test('what has a slot is left to finish', async () => {
  const world = await openWorld({ hosts: { alpha: 2 } })
  const active = (await world.ask()).leaseId
  await world.settle()
  world.halt(true)
  const acquired = (await world.ask()).leaseId

  await disable(world, 'linux')
  world.halt(false)
  await world.settle()

  expect(await statuses(world, [active, acquired])).toEqual(['active', 'active'])
})

test('a lease that is asked for while its blueprint is disabled waits, though a slot is free, and is told why', async () => {
  const world = await openWorld()
  await disable(world, 'linux', 'a leak')

  const { leaseId } = await world.ask()
  await world.settle()
  const told = await awaitLease(world.ports, CI, leaseId, 0)

  expect(told).toMatchObject({
    ok: true,
    value: { waiting: { because: 'blueprint linux is disabled; it keeps its place' } },
  })
  expect(await world.lease(leaseId)).toMatchObject({ status: 'pending', parked: true })
  expect(violations(world.table.items())).toEqual([])
})

test('enabling serves who waited beside a free slot at once', async () => {
  const world = await openWorld({ hosts: { alpha: 2 } })
  await disable(world, 'linux')
  const ids: string[] = []
  for (let count = 0; count < 3; count++) ids.push((await world.ask()).leaseId)
  await world.settle()

  await enable(world, 'linux')

  expect(await statuses(world, ids)).toEqual(['acquired', 'acquired', 'pending'])
  expect(violations(world.table.items())).toEqual([])
})

test('a lease of a disabled blueprint that waits too long ends as it would have', async () => {
  const world = await openWorld()
  await disable(world, 'linux')
  const { leaseId } = await world.ask({ durations: { wait: 5 * MINUTE } })
  await world.settle()

  await world.advance(5 * MINUTE + 5_000)

  expect(await world.lease(leaseId)).toMatchObject({ status: 'destroyed', reason: 'wait_timeout' })
  expect(violations(world.table.items())).toEqual([])
})

test('a lease of a disabled blueprint can be cancelled', async () => {
  const { world, copy } = await queued()
  await disable(world, 'checkout')

  await release(world, copy)
  await world.settle()

  expect(await world.lease(copy)).toMatchObject({ status: 'destroyed', reason: 'cancelled' })
  expect(await world.lease(copy)).not.toHaveProperty('parked')
  expect(violations(world.table.items())).toEqual([])
})

test('a lease that is requeued while its blueprint is disabled is set aside at its place when its turn comes', async () => {
  const world = await openWorld()
  world.halt(true)
  const { leaseId } = await world.ask()
  const { waiters } = await world.lease(leaseId)
  await disable(world, 'linux')
  world.hosts.answerNext('open', { kind: 'failed', fault: 'host', code: 'unreachable', detail: 'gone' })

  world.halt(false)
  await world.advance(5_000)

  expect(await world.lease(leaseId)).toMatchObject({ status: 'pending', parked: true, waiters })
  expect(placesNow(world, 'linux')).toEqual([waiters['linux']?.replace('W', 'X')])
  expect(violations(world.table.items())).toEqual([])
})

test('said twice, the first reason stands; enabling what gives leases changes nothing', async () => {
  const world = await openWorld()

  const enabled = await enable(world, 'linux')
  const first = await disable(world, 'linux', 'a leak')
  const again = await disable(world, 'linux', 'boredom')

  expect(enabled).toEqual({ ok: true, value: { name: 'linux' } })
  expect(first).toMatchObject({ ok: true, value: { disabled: { reason: 'a leak', by: 'operator' } } })
  expect(again).toEqual(first)
  expect(blueprintNow(world, 'linux')['version']).toBe(2)
})

test('a blueprint that is not there is refused with the names that come nearest', async () => {
  const world = await openWorld()

  const refused = await disable(world, 'linus')

  expect(refused).toMatchObject({
    ok: false,
    refusal: { refused: 'not_found', hints: { nearest: ['linux', 'checkout'] } },
  })
})

test('a pool counts its slots, whatever is disabled', async () => {
  const world = await openWorld({ hosts: { alpha: 3 } })

  await disable(world, 'linux')

  expect(poolNow(world, 'linux')).toMatchObject({ slots: 3 })
  expect((await sweep(world.ports)).misplaced).toBe(0)
})

test('more waiting leases than are read at once are all set aside and all put back', async () => {
  const world = await openWorld()
  world.halt(true)
  await world.ask()
  const { leaseId } = await world.ask(COPY)
  for (let count = 0; count < 1_000; count++) {
    const key = `W#000000000000000#${String(count).padStart(4, '0')}`
    const item = { PK: 'Q#linux', SK: key, lease: `01JELSEWHERE${count}`, blueprint: 'linux' }
    await world.table.write({ kind: 'put', item, when: { name: 'a crowd', all: [] } })
  }

  await disable(world, 'checkout')
  const parked = await world.lease(leaseId)
  await enable(world, 'checkout')

  expect(parked).toMatchObject({ parked: true })
  expect(await world.lease(leaseId)).not.toHaveProperty('parked')
})
