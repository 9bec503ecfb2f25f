import { expect, test } from 'vitest'
import { disableBlueprint } from '../../lib/app/blueprints/disable-blueprint.ts'
import { leaseEvents, listLeases } from '../../lib/app/leases/list-leases.ts'
import { releaseLease } from '../../lib/app/leases/release-lease.ts'
import { awaitLease } from '../../lib/app/leases/view-lease.ts'
import { viewPools } from '../../lib/app/pools/view-pool.ts'
import { registryKey, waiterItemKey } from '../../lib/app/store/keys.ts'
import type { Caller } from '../../lib/domain/access.ts'
import type { World } from '../support/world.ts'
import { CI, holder, openWorld } from '../support/world.ts'
import { freeWorld } from './races/arrange.ts'
import { by, itemAt, OPERATOR, put, remove, seen, set } from './support/look.ts'

const STRANGER: Caller = { ...CI, principal: 'api-token/other' }

/** Virtual time in which somebody else does something at a moment. */
function meanwhile(world: World, after: number, act: () => Promise<unknown>): World['ports'] {
  const until = world.ports.clock.now() + after
  let done = false
  const sleep = async (milliseconds: number) => {
    await world.ports.clock.sleep(milliseconds)
    if (done || world.ports.clock.now() < until) return
    done = true
    await act()
  }
  return { ...world.ports, clock: { ...world.ports.clock, sleep } }
}

test.each([
  ['next', 1],
  ['a few places behind', 6],
])('who polls for a lease that is %s is told within half a second of its activation', async (_, place) => {
  const world = await openWorld()
  const ids: string[] = []
  for (let count = 0; count <= place; count++) ids.push((await world.ask()).leaseId)
  await world.settle()
  const last = ids.at(-1) ?? ''
  const before = world.ports.clock.now()
  const ports = meanwhile(world, 3_000, async () => {
    for (const id of ids) {
      if (id !== last) await releaseLease(world.ports, holder(id), id, 'ok')
      await world.settle()
    }
  })

  const told = await awaitLease(ports, CI, last, 20_000)

  expect(told).toMatchObject({ ok: true, value: { lease: { status: 'active' } } })
  expect(world.ports.clock.now() - before).toBeLessThan(3_500)
})

test('who polls for a lease that is being made ready is told as soon as it is', async () => {
  const world = await openWorld()
  world.halt(true)
  const { leaseId } = await world.ask()
  const before = world.ports.clock.now()
  const ports = meanwhile(world, 2_000, async () => {
    world.halt(false)
    await world.settle()
  })

  const told = await awaitLease(ports, CI, leaseId, 20_000)

  expect(told).toMatchObject({ ok: true, value: { lease: { status: 'active' } } })
  expect(world.ports.clock.now() - before).toBeLessThan(2_500)
})

test('a poll ends when its time is up, and the lease of another is not polled for', async () => {
  const world = await openWorld()
  await world.ask()
  const { leaseId } = await world.ask()
  await world.settle()
  const before = world.ports.clock.now()

  const told = await awaitLease(world.ports, CI, leaseId, 1_000)
  const refused = await awaitLease(world.ports, STRANGER, leaseId, 1_000)

  expect(told).toMatchObject({ ok: true, value: { lease: { status: 'pending' } } })
  expect(world.ports.clock.now() - before).toBe(1_000)
  expect(refused).toMatchObject({ ok: false, refusal: { refused: 'not_found' } })
})

const because = async (world: World, id: string) => {
  const told = await awaitLease(world.ports, CI, id, 0)
  return told.ok ? told.value.waiting : undefined
}

test('who waits beside a free slot is told that it is on its way', async () => {
  const { world, ids } = await freeWorld(2)

  const reasons = await Promise.all(ids.map(async (id) => because(world, id)))

  expect(reasons.map((waiting) => waiting?.because)).toEqual([
    'a slot of pool linux is free and is being given away; it is next',
    'a slot of pool linux is free and is being given away; 1 lease is ahead of it',
  ])
})

test('who waits is told what is wrong with the pool', async () => {
  const world = await openWorld()
  await world.ask()
  const { leaseId } = await world.ask()
  await set(world, registryKey('pool', 'linux'), { trouble: 'host alpha: unreachable' })

  const waiting = await because(world, leaseId)

  expect(waiting?.because).toBe(
    'none of the 1 slots of pool linux is free; it is next; host alpha: unreachable',
  )
})

test('who was set aside is told its place as if it stood in the queue', async () => {
  const world = await openWorld()
  await world.ask()
  await world.ask()
  const { leaseId } = await world.ask({ blueprint: 'checkout', repository: 'example' })
  await disableBlueprint(world.ports, 'checkout', undefined, by(world))

  const waiting = await because(world, leaseId)

  expect(waiting).toEqual({
    pool: 'linux',
    position: 2,
    because: 'blueprint checkout is disabled; it keeps its place',
  })
})

test('a lease that has left its queue since it was read has no place', async () => {
  const world = await openWorld()
  await world.ask()
  const { leaseId } = await world.ask()
  const { waiters } = await seen(world, leaseId, 'pending')
  await remove(world, itemAt(world, waiterItemKey('linux', waiters['linux'] ?? '')))

  expect(await because(world, leaseId)).toBeUndefined()
  expect((await awaitLease(world.ports, CI, leaseId, 100)).ok).toBe(true)
})

test('a pool that is gone has no slots', async () => {
  const world = await openWorld()
  await world.ask()
  const { leaseId } = await world.ask()
  await remove(world, itemAt(world, registryKey('pool', 'linux')))

  const waiting = await because(world, leaseId)

  expect(waiting?.because).toBe('none of the 0 slots of pool linux is free; it is next')
})

test('the timeline of a lease is read by who may read the lease', async () => {
  const world = await openWorld()
  const { leaseId } = await world.ask()
  await world.settle()

  const events = await leaseEvents(world.ports, CI, leaseId)
  const refused = await leaseEvents(world.ports, STRANGER, leaseId)

  expect(events.ok && events.value.map(({ version, type }) => [version, type])).toEqual([
    [1, 'created'],
    [2, 'acquired'],
    [3, 'activated'],
  ])
  expect(events.ok && events.value[0]).not.toHaveProperty('ttl')
  expect(refused).toMatchObject({ ok: false, refusal: { refused: 'not_found' } })
})

test("operators list one tenant's leases, or all of them by age", async () => {
  const world = await openWorld()
  const acme = [await world.ask(), await world.ask()]
  const other = await world.ask({}, { principal: 'api-token/b', tenant: 'beta', scopes: ['lease'] })
  const last = await world.ask()
  const list = async (query: { readonly tenant?: string; readonly limit?: number }) => {
    const page = await listLeases(world.ports, OPERATOR, { limit: 10, ...query })
    return page.ok ? page.value : undefined
  }

  const all = await list({})
  const one = await list({ tenant: 'beta' })
  const none = await list({ limit: 0 })

  const [first, second] = acme.map(({ leaseId }) => leaseId)
  expect(all?.leases.map(({ id }) => id)).toEqual([last.leaseId, other.leaseId, second, first])
  expect(one?.leases.map(({ id }) => id)).toEqual([other.leaseId])
  expect(none).toEqual({ leases: [] })
})

test('operators see all pools, and a registered host that is not there is left out', async () => {
  const world = await openWorld({ pools: { mac: { mini: 2 } } })
  await put(world, { ...registryKey('host', 'ghost'), name: 'ghost', pool: 'mac' })

  const pools = await viewPools(world.ports)

  expect(
    pools.map(({ name, waiting, hosts }) => [name, waiting, hosts.map(({ slots }) => slots.length)]),
  ).toEqual([
    ['linux', 0, [1]],
    ['mac', 0, [2]],
  ])
})
