import { expect, test } from 'vitest'
import { disableBlueprint } from '../../lib/app/blueprints/disable-blueprint.ts'
import { changeHost } from '../../lib/app/fleet/change-host.ts'
import { explainLease } from '../../lib/app/leases/explain-lease.ts'
import { releaseLease } from '../../lib/app/leases/release-lease.ts'
import { leaseKey, registryKey } from '../../lib/app/store/keys.ts'
import type { World } from '../support/world.ts'
import { CI, holder, openWorld } from '../support/world.ts'
import { NOON } from '../support/lease-builder.ts'
import { by, OPERATOR, set } from './support/look.ts'

const MINUTE = 60_000

async function explained(world: World, id: string, caller = CI) {
  const answer = await explainLease(world.ports, caller, id)
  if (!answer.ok) throw new Error(answer.refusal.detail)
  return answer.value
}

const known = async (world: World, meanHold: number) => set(world, registryKey('pool', 'linux'), { meanHold })

test("who waits learns its rank, who holds what until when, and the turn that is a queue's by hand", async () => {
  const world = await openWorld({ hosts: { alpha: 2 } })
  const first = await world.ask()
  await world.settle()
  await world.advance(MINUTE)
  await world.ask()
  await world.settle()
  await known(world, 5 * MINUTE)
  const ids: string[] = []
  for (let count = 0; count < 4; count++) ids.push((await world.ask()).leaseId)
  await world.settle()
  const now = world.ports.clock.now()

  const all = await Promise.all(ids.map(async (id) => explained(world, id)))

  // Slots come back after 4 and 5 minutes, and then every 5.
  expect(all.map(({ expectedAt }) => ((expectedAt ?? 0) - now) / MINUTE)).toEqual([4, 5, 9, 10])
  expect(all.map(({ pools }) => pools[0]?.rank)).toEqual([1, 2, 3, 4])
  expect(all[0]?.pools[0]).toMatchObject({ blocked: 'slots_held', meanHold: 5 * MINUTE })
  const holders = all[0]?.pools[0]?.hosts[0]?.slots.map((slot) => slot.holder)
  expect(holders?.find((one) => one?.lease?.id === first.leaseId)).toMatchObject({
    status: 'active',
    since: NOON,
    until: NOON + 10 * MINUTE,
  })
  expect(all[2]?.summary).toBe(
    'None of the 2 slots of pool linux is free; 2 leases are ahead of it; its turn may be expected in about 540 s.',
  )
})

test.each([
  ['operators', OPERATOR, true],
  ['its own tenant', CI, true],
])('who holds a slot is told to %s', async (_, caller, told) => {
  const world = await openWorld()
  await world.ask()
  const { leaseId } = await world.ask()
  await world.settle()

  const { pools } = await explained(world, leaseId, caller)

  expect('lease' in (pools[0]?.hosts[0]?.slots[0]?.holder ?? {})).toBe(told)
})

test('who holds a slot is not told to another tenant, nor to who has only a lease token', async () => {
  const world = await openWorld()
  await world.ask({}, { principal: 'api-token/rival', tenant: 'rival', scopes: ['lease'] })
  const { leaseId } = await world.ask()
  await world.settle()

  const told = await Promise.all(
    [CI, holder(leaseId)].map(async (caller) => explained(world, leaseId, caller)),
  )

  for (const { pools } of told) {
    expect(pools[0]?.hosts[0]?.slots[0]?.holder).toMatchObject({ status: 'active' })
    expect(JSON.stringify(pools)).not.toContain('rival')
  }
})

test('a lease that somebody else asked for is not explained', async () => {
  const world = await openWorld()
  const { leaseId } = await world.ask()

  const refused = await explainLease(world.ports, { ...CI, principal: 'api-token/other' }, leaseId)

  expect(refused).toMatchObject({ ok: false, refusal: { refused: 'not_found' } })
})

test('a lease that does not wait has nothing to be explained but where it is', async () => {
  const world = await openWorld()
  world.halt(true)
  const { leaseId } = await world.ask()
  const acquired = await explained(world, leaseId)
  world.halt(false)
  await world.settle()
  const active = await explained(world, leaseId)
  world.halt(true)
  await releaseLease(world.ports, holder(leaseId), leaseId, 'ok')
  const released = await explained(world, leaseId)
  world.halt(false)
  await world.settle()
  const destroyed = await explained(world, leaseId)

  expect([acquired, active, released, destroyed].map(({ summary }) => summary)).toEqual([
    'Slot 0 of host alpha is being made ready.',
    'It does not wait: it is active on slot 0 of host alpha.',
    'It is over (released); slot 0 of host alpha is being cleaned.',
    'It is over (released).',
  ])
  expect([acquired, active, released, destroyed].flatMap(({ pools }) => pools)).toEqual([])
})

test('one that was asked "not yet" says how often, and one that is kept where', async () => {
  const world = await openWorld()
  world.halt(true)
  const { leaseId } = await world.ask()
  await set(world, leaseKey(leaseId), { yielded: { fault: 'none', detail: 'fetching', count: 3 } })
  const yielding = await explained(world, leaseId)
  await set(world, leaseKey(leaseId), { status: 'kept', holdUntil: world.ports.clock.now() })
  const kept = await explained(world, leaseId)

  expect(yielding.summary).toBe('Slot 0 of host alpha is being made ready, not yet after 3 tries: fetching.')
  expect(kept.summary).toBe('It failed and is kept on slot 0 of host alpha for a look.')
})

test('slots that nobody holds are told as what they are', async () => {
  const world = await openWorld({ hosts: { alpha: 2 } })
  const { leaseId: held } = await world.ask()
  await world.settle()
  await changeHost(world.ports, 'alpha', { state: 'draining' }, by(world))
  const { leaseId } = await world.ask()

  const { pools } = await explained(world, leaseId)

  const slots = pools[0]?.hosts[0]?.slots.map(({ state, holder: one }) => [state, one?.lease?.id])
  expect(slots?.toSorted()).toEqual([
    ['held', held],
    ['withheld', undefined],
  ])
})

test('a disabled blueprint and a drained host are told as what they are', async () => {
  const world = await openWorld()
  const { leaseId } = await world.ask({ blueprint: 'checkout', repository: 'example' })
  await world.settle()
  const next = await world.ask({ blueprint: 'checkout', repository: 'example' })
  await changeHost(world.ports, 'alpha', { state: 'draining', reason: 'a new disk' }, by(world))
  const drained = await explained(world, next.leaseId)
  await disableBlueprint(world.ports, 'checkout', undefined, by(world))
  const disabled = await explained(world, next.leaseId)

  expect(drained.summary).toBe('No host of pool linux gives leases now (alpha is draining); it is next.')
  expect(drained.pools[0]?.hosts[0]).toMatchObject({ state: 'draining', reason: 'a new disk' })
  expect(disabled.summary).toBe(
    'Its blueprint is disabled; it keeps its place and waits until an operator enables it.',
  )
  expect(disabled).not.toHaveProperty('expectedAt')
  expect((await world.lease(leaseId)).status).toBe('active')
})

test('many places ahead are counted to the end, and many holders are read', async () => {
  const world = await openWorld({ hosts: { alpha: 60, beta: 60 } })
  world.halt(true)
  for (let count = 0; count < 120; count++) await world.ask()
  const { leaseId } = await world.ask()
  for (let count = 0; count < 1_500; count++) {
    const key = `W#000000000000000#${String(count).padStart(4, '0')}`
    const item = { PK: 'Q#linux', SK: key, lease: '01JELSEWHERE', blueprint: 'linux' }
    await world.table.write({ kind: 'put', item, when: { name: 'a crowd', all: [] } })
  }

  const { pools } = await explained(world, leaseId)

  const holders = pools[0]?.hosts.flatMap(({ slots }) => slots.filter((slot) => slot.holder?.lease))
  expect(pools[0]?.rank).toBe(1_501)
  expect(holders).toHaveLength(120)
})

test('a host that is registered and not there, and a holder that is gone, are left out', async () => {
  const world = await openWorld()
  const first = await world.ask()
  const { leaseId } = await world.ask()
  await world.settle()
  const gone = async (PK: string) =>
    world.table.write({ kind: 'delete', key: { PK, SK: 'META' }, when: { name: 'by hand', all: [] } })
  await gone(`L#${first.leaseId}`)
  const without = await explained(world, leaseId)
  await gone('H#alpha')
  const nothing = await explained(world, leaseId)

  expect(without.pools[0]?.hosts[0]?.slots).toEqual([{ number: 0, state: 'held' }])
  expect(nothing.pools[0]).toMatchObject({ blocked: 'no_hosts', hosts: [] })
})
