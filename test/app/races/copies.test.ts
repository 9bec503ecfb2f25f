import { expect, test } from 'vitest'
import { removeCopy } from '../../../lib/app/copies/remove-copy.ts'
import { activateLease } from '../../../lib/app/lifecycle/activate.ts'
import { cleanSlot } from '../../../lib/app/lifecycle/clean.ts'
import { finalizeLease } from '../../../lib/app/lifecycle/finalize.ts'
import { sweep } from '../../../lib/app/repair/sweep/sweep.ts'
import { audit } from '../../../lib/app/repair/audit/audit.ts'
import { slotKey } from '../../../lib/app/store/keys.ts'
import { violations } from '../../support/invariants.ts'
import { ask, copiesNow, copiesWorld, goneNow, namesNow, release, use } from '../support/copies.ts'
import { late, lostTo } from '../support/late.ts'
import { by, set, slotsNow, statesNow } from '../support/look.ts'

const DAY = 86_400_000
const idNow = (world: Parameters<typeof copiesNow>[0]) => copiesNow(world)[0]?.id ?? ''

test('copy_unchanged: two activations of one lease record one copy, and one of them makes it active', async () => {
  const world = await copiesWorld()
  world.halt(true)
  const lease = await ask(world, 'example')
  const { ports, outcomes } = late(world, 'copy_unchanged', async () => activateLease(world.ports, lease))

  const route = await activateLease(ports, lease)

  expect(lostTo(outcomes)).toContain('copy_unchanged')
  expect(route).toEqual({ route: 'DECIDE' })
  expect(copiesNow(world)).toMatchObject([{ state: 'active', version: 2 }])
  expect(await world.lease(lease)).toMatchObject({ status: 'active' })
})

test('copy_unchanged: a copy that an operator gives up while it goes for being idle, goes once', async () => {
  const world = await copiesWorld({ idle: DAY })
  await use(world, 'example')
  const id = idNow(world)
  await world.advance(DAY)
  const { ports, outcomes } = late(world, 'copy_unchanged', async () =>
    removeCopy(world.ports, id, by(world)),
  )

  await sweep(ports)
  await world.settle()

  expect(lostTo(outcomes)).toContain('copy_unchanged')
  expect(goneNow(world)).toMatchObject([{ id, reason: 'operator' }])
  expect(statesNow(world, 'alpha')).toEqual(['free'])
  expect(violations(world.table.items())).toEqual([])
})

test('copy_unchanged: a cleaning does not free a slot as warm for a copy that was given up meanwhile', async () => {
  const world = await copiesWorld()
  await use(world, 'example')
  const id = idNow(world)
  await world.advance(DAY)
  world.halt(true)
  await sweep(world.ports)
  const { ports, outcomes } = late(world, 'copy_unchanged', async () =>
    removeCopy(world.ports, id, by(world)),
  )

  const first = await cleanSlot(ports, 'alpha', 0, 0)
  const again = await cleanSlot(ports, 'alpha', 0, 1)

  expect(lostTo(outcomes)).toContain('copy_unchanged')
  expect([first, again]).toEqual([{ route: 'AGAIN', seconds: 1 }, { route: 'DONE' }])
  expect(slotsNow(world, 'alpha')[0]).toMatchObject({ state: 'free', warm: [] })
  expect(world.hosts.copies.names('alpha/0')).toEqual([])
})

test('copy_unchanged: the last step of a lease goes on when the record of its copy has changed', async () => {
  const world = await copiesWorld()
  const lease = await ask(world, 'example')
  await world.settle()
  world.halt(true)
  await release(world, lease)
  const key = { PK: 'H#alpha', SK: 'W#000#000000000003' }
  const { ports, outcomes } = late(world, 'copy_unchanged', async () => set(world, key, { version: 9 }))

  const route = await finalizeLease(ports, lease, true)

  expect(lostTo(outcomes)).toEqual(['copy_unchanged'])
  expect(route).toEqual({ route: 'DONE' })
  expect(copiesNow(world)).toMatchObject([{ version: 10, usedAt: by(world).now }])
  expect(statesNow(world, 'alpha')).toEqual(['free'])
})

test('slot_held_by_lease: no copy is recorded by a lease that has lost its slot', async () => {
  const world = await copiesWorld()
  world.halt(true)
  const lease = await ask(world, 'example')
  const { ports, outcomes } = late(world, 'slot_held_by_lease', async () =>
    set(world, slotKey('alpha', 0), { epoch: 99 }),
  )

  await activateLease(ports, lease)

  expect(lostTo(outcomes)).toContain('slot_held_by_lease')
  expect(copiesNow(world)).toEqual([])
  expect(world.hosts.calls.some(({ verb }) => verb === 'checkout')).toBe(false)
})

test('slot_as_read: a slot that is leased while its copies should go keeps them', async () => {
  const world = await copiesWorld({ idle: DAY })
  await use(world, 'example')
  await world.advance(DAY)
  world.halt(true)
  const { ports, outcomes } = late(world, 'slot_as_read', async () => ask(world, 'example'))

  await sweep(ports)

  expect(lostTo(outcomes)).toContain('slot_as_read')
  expect(statesNow(world, 'alpha')).toEqual(['held'])
  expect(copiesNow(world)).toMatchObject([{ name: 'example', state: 'active' }])
})

test('slot_as_read: a copy that a lease asks for while it is given up is refused or made anew, never lost', async () => {
  const world = await copiesWorld()
  await use(world, 'example')
  const id = idNow(world)
  world.halt(true)
  const { ports, outcomes } = late(world, 'slot_as_read', async () => ask(world, 'example'))

  const removed = await removeCopy(ports, id, by(world))

  expect(lostTo(outcomes)).toContain('slot_as_read')
  expect(removed).toMatchObject({ refusal: { refused: 'copy_leased' } })
  expect(namesNow(world)).toEqual(['example'])
})

test('not_there_yet: a record is not forgotten when the slot that it lacks is made meanwhile', async () => {
  const world = await copiesWorld()
  await use(world, 'example')
  const slot = world.table.items().find(({ PK, SK }) => PK === 'H#alpha' && SK === 'S#000')
  if (!slot) throw new Error('not as arranged')
  await world.table.write({ kind: 'delete', key: slot, when: { name: 'by hand', all: [] } })
  const { ports, outcomes } = late(world, 'not_there_yet', async () =>
    world.table.write({ kind: 'put', item: slot, when: { name: 'by hand', all: [] } }),
  )

  const { copies } = await audit(ports)

  expect(lostTo(outcomes)).toContain('not_there_yet')
  expect(copies).toBe(0)
  expect(namesNow(world)).toEqual(['example'])
})
