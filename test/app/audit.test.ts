import { expect, test } from 'vitest'
import { disableBlueprint } from '../../lib/app/blueprints/disable-blueprint.ts'
import type { Item } from '../../lib/app/ports/table.ts'
import { audit } from '../../lib/app/repair/audit/audit.ts'
import { text } from '../../lib/app/store/attributes.ts'
import { violations } from '../support/invariants.ts'
import type { World } from '../support/world.ts'
import { openWorld } from '../support/world.ts'

const NOTHING = { slots: 0, tokens: 0, waiters: 0, timers: 0, permits: 0, leases: 0, copies: 0, failed: 0 }
const anyhow = { name: 'by hand', all: [] }

/** Two slots: one held by a lease, one free; and in another pool's place, a lease that waits. */
async function lively(): Promise<World> {
  const world = await openWorld({ hosts: { alpha: 2 } })
  await world.ask()
  await world.settle()
  return world
}

/** Both slots held, and a lease that waits. */
async function crowded(): Promise<World> {
  const world = await lively()
  await world.ask()
  await world.ask()
  await world.settle()
  return world
}

const found = (world: World, is: (item: Item) => boolean): Item => {
  const item = world.table.items().find(is)
  if (!item) throw new Error('not as arranged')
  return item
}

const without = async (world: World, is: (item: Item) => boolean) => {
  const { PK, SK } = found(world, is)
  await world.table.write({ kind: 'delete', key: { PK, SK }, when: anyhow })
}

const put = async (world: World, item: Item) => world.table.write({ kind: 'put', item, when: anyhow })

const isSlot = (state: string) => (item: Item) => item.SK.startsWith('S#') && item['state'] === state
const isLease = (status: string) => (item: Item) => item.SK === 'META' && item['status'] === status

test('in an orderly world the audit finds nothing and changes nothing', async () => {
  const world = await crowded()
  await disableBlueprint(world.ports, 'linux', 'a look', { now: world.ports.clock.now(), actor: 'operator' })
  const before = world.table.items()

  const findings = await audit(world.ports)

  expect(findings).toEqual(NOTHING)
  expect(world.table.items()).toEqual(before)
})

test.each<[string, Partial<typeof NOTHING>, (world: World) => Promise<unknown>]>([
  [
    'a held slot whose lease is gone is cleaned',
    { slots: 1 },
    async (world) => {
      const slot = found(world, isSlot('free'))
      await without(world, (item) => item.PK.startsWith('F#'))
      const { token: _, ...rest } = slot
      await put(world, { ...rest, PK: slot.PK, SK: slot.SK, state: 'held', lease: '01JNOBODY' })
    },
  ],
  [
    'a free token is made again',
    { tokens: 1 },
    async (world) => without(world, (item) => item.PK.startsWith('F#')),
  ],
  [
    'a token without its slot is dropped',
    { tokens: 1 },
    async (world) => {
      const token = found(world, (item) => item.PK.startsWith('F#'))
      await put(world, { ...token, SK: `stray#${token.SK}` })
    },
  ],
  [
    'a timer that is missing is set again',
    { timers: 1 },
    async (world) => without(world, (item) => item.PK.startsWith('T#')),
  ],
  [
    'a second timer of a lease is dropped',
    { timers: 1 },
    async (world) => {
      const timer = found(world, (item) => item.PK.startsWith('T#'))
      await put(world, { ...timer, SK: `0${timer.SK}` })
    },
  ],
  [
    'a timer of a lease that is gone is dropped',
    { timers: 1 },
    async (world) => put(world, { PK: 'T#0', SK: '000000000000001#01JNOBODY', lease: '01JNOBODY' }),
  ],
  [
    'a permit that is missing is taken again',
    { permits: 1 },
    async (world) => without(world, (item) => item.PK.startsWith('P#')),
  ],
  [
    'a permit of a lease that is gone is given back',
    { permits: 1 },
    async (world) => put(world, { PK: 'P#acme', SK: '77777', lease: '01JNOBODY' }),
  ],
  [
    'a place of a lease that is gone is dropped',
    { waiters: 1 },
    async (world) =>
      put(world, { PK: 'Q#linux', SK: 'X#000000000000001#L', lease: '01JNOBODY', blueprint: 'linux' }),
  ],
])('%s', async (_, finding, damage) => {
  const world = await lively()
  await damage(world)
  const damaged = violations(world.table.items())

  const findings = await audit(world.ports)
  await world.settle()

  expect(damaged).not.toEqual([])
  expect(findings).toEqual({ ...NOTHING, ...finding })
  expect(violations(world.table.items())).toEqual([])
})

test('a pending lease whose place in the queue is missing stands in it again', async () => {
  const world = await crowded()
  await without(world, (item) => item.PK.startsWith('Q#'))

  const findings = await audit(world.ports)

  expect(findings).toEqual({ ...NOTHING, waiters: 1 })
  expect(violations(world.table.items())).toEqual([])
})

test('a lease whose slot is not its own any more is broken, and its holder is told why', async () => {
  const world = await lively()
  const slot = found(world, isSlot('held'))
  const { lease: _, ...rest } = slot
  await put(world, { ...rest, PK: slot.PK, SK: slot.SK, state: 'dirty' })
  const id = text(found(world, isLease('active')), 'id')

  const findings = await audit(world.ports)
  await world.settle()

  expect(findings).toEqual({ ...NOTHING, leases: 1 })
  expect(await world.lease(id)).toMatchObject({ status: 'destroyed', reason: 'host_lost' })
})

test('an audit that races with the work itself never undoes it', async () => {
  for (let seed = 1; seed <= 20; seed++) {
    const world = await openWorld({ seed, hosts: { alpha: 2 } })

    const asked = Array.from({ length: 5 }, async () => world.ask())
    const [findings] = await Promise.all([audit(world.ports), ...asked])
    await world.settle()

    expect(findings).toEqual(NOTHING)
    expect(violations(world.table.items())).toEqual([])
  }
})
