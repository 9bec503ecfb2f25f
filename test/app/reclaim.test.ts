import { expect, test } from 'vitest'
import { releaseLease } from '../../lib/app/leases/release-lease.ts'
import type { HostAnswer } from '../../lib/app/ports/hosts.ts'
import { slotKey } from '../../lib/app/store/keys.ts'
import { violations } from '../support/invariants.ts'
import type { World } from '../support/world.ts'
import { holder, openWorld } from '../support/world.ts'
import { late, lostTo } from './support/late.ts'
import { hostNow, set, slotsNow } from './support/look.ts'
import { reclaim } from '../../lib/app/lifecycle/reclaim.ts'

const full: HostAnswer<never> = { kind: 'failed', fault: 'host', code: 'disk_full', detail: 'no room' }
const COPY = { blueprint: 'checkout', repository: 'example' }

/** Idle slots that keep copies, the one of the lowest number unused for longest. */
async function withCopies(warm: number, capacity = 4): Promise<World> {
  const world = await openWorld({ hosts: { alpha: capacity } })
  for (let number = 0; number < warm; number++) {
    await set(world, slotKey('alpha', number), { warm: ['other'], usedAt: 1_000 + number })
    const slot = slotsNow(world, 'alpha')[number]
    if (slot?.state === 'free') await set(world, { PK: 'F#linux', SK: slot.token }, { warm: ['other'] })
  }
  return world
}

const initsOf = (world: World, slot: number) =>
  world.hosts.calls.filter((call) => call.verb === 'init' && call.slot === slot).length

/** Whoever asks for a copy of the repository gets this slot: it is the only one that is warm for it. */
async function prefer(world: World, number: number): Promise<void> {
  const slot = slotsNow(world, 'alpha')[number]
  if (slot?.state !== 'free') throw new Error('not as arranged')
  await set(world, { PK: 'F#linux', SK: slot.token }, { warm: ['example'] })
}

test('a full disk makes the idle slot that was unused for longest give up its copies, and the checkout goes on', async () => {
  const world = await withCopies(3)
  await prefer(world, 3)
  const nonce = slotsNow(world, 'alpha')[0]?.nonce
  world.hosts.answerNext('checkout', full)

  const { leaseId } = await world.ask(COPY)
  await world.advance(5_000)

  const [first, ...others] = slotsNow(world, 'alpha')
  expect(await world.lease(leaseId)).toMatchObject({ status: 'active', slot: { number: 3 }, failures: [] })
  expect(first).toMatchObject({ state: 'free', warm: [] })
  expect(first).not.toHaveProperty('wipe')
  expect(first?.nonce).not.toBe(nonce)
  expect(initsOf(world, 0)).toBe(2)
  expect(others.map((slot) => slot.warm)).toEqual([['other'], ['other'], ['example']])
  expect(hostNow(world, 'alpha').failuresInARow).toBe(0)
  expect(violations(world.table.items())).toEqual([])
})

test('a victim that is leased meanwhile refuses, and the next one gives up its copies', async () => {
  const world = await withCopies(2, 2)
  world.halt(true)
  const { ports, outcomes } = late(world, 'slot_as_read', async () => {
    await prefer(world, 0)
    await world.ask(COPY)
  })

  const room = await reclaim(ports, { host: 'alpha', number: 1, pool: 'linux' })

  expect(room).toBe(true)
  expect(lostTo(outcomes)).toContain('slot_as_read')
  expect(slotsNow(world, 'alpha')).toMatchObject([{ state: 'held' }, { state: 'dirty', wipe: true }])
})

test('room that is being made already is waited for, and no more copies are given up', async () => {
  const world = await withCopies(3)
  world.halt(true)

  const first = await reclaim(world.ports, { host: 'alpha', number: 3, pool: 'linux' })
  const second = await reclaim(world.ports, { host: 'alpha', number: 3, pool: 'linux' })

  expect([first, second]).toEqual([true, true])
  expect(slotsNow(world, 'alpha').filter((slot) => slot.state === 'dirty')).toHaveLength(1)
})

test("a full disk with nothing idle on it is its host's failure", async () => {
  const world = await openWorld({ hosts: { alpha: 1 } })
  world.halt(true)
  const { leaseId } = await world.ask(COPY)
  world.hosts.answerNext('checkout', full)

  world.halt(false)
  await world.settle()

  expect((await world.lease(leaseId)).failures).toEqual([
    { host: 'alpha', code: 'disk_full', detail: 'no room' },
  ])
})

test('a slot that was never used for a copy, or holds none, is not given up', async () => {
  const world = await withCopies(0)

  const room = await reclaim(world.ports, { host: 'alpha', number: 0, pool: 'linux' })

  expect(room).toBe(false)
  expect(slotsNow(world, 'alpha').map((slot) => slot.state)).toEqual(Array(4).fill('free'))
})

test('a slot of which nobody knows when it was used goes first', async () => {
  const world = await withCopies(2)
  await set(world, slotKey('alpha', 3), { warm: ['other'] })
  await set(world, slotKey('alpha', 2), { warm: ['other'] })
  world.halt(true)

  await reclaim(world.ports, { host: 'alpha', number: 0, pool: 'linux' })

  expect(slotsNow(world, 'alpha')[2]).toMatchObject({ state: 'dirty', wipe: true })
})

test('the copies of a slot that was wiped are not preferred any more', async () => {
  const world = await openWorld({ hosts: { alpha: 2 } })
  const { leaseId } = await world.ask(COPY)
  await world.settle()
  await releaseLease(world.ports, holder(leaseId), leaseId, 'ok')
  await world.settle()
  const warm = slotsNow(world, 'alpha').flatMap((slot) => slot.warm)

  await reclaim(world.ports, { host: 'alpha', number: 1, pool: 'linux' })
  await world.settle()

  const tokens = world.table.items().filter((item) => item.PK === 'F#linux')
  expect(warm).toEqual(['example'])
  expect(slotsNow(world, 'alpha').flatMap((slot) => slot.warm)).toEqual([])
  expect(tokens.map((token) => token['warm'])).toEqual([[], []])
})
