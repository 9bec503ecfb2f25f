import { expect, test } from 'vitest'
import { activateLease } from '../../../lib/app/lifecycle/activate.ts'
import { audit } from '../../../lib/app/repair/audit/audit.ts'
import { sweep } from '../../../lib/app/repair/sweep/sweep.ts'
import { keyOfCopy } from '../../../lib/app/store/copy-item.ts'
import { slotKey } from '../../../lib/app/store/keys.ts'
import { violations } from '../../support/invariants.ts'
import { ask, copiesNow, copiesWorld, goneNow, namesNow, release, use } from '../support/copies.ts'
import { set, slotsNow, statesNow } from '../support/look.ts'

const MINUTE = 60_000
const DAY = 86_400_000

test('a copy is recorded before its host is asked to make it', async () => {
  const seen: unknown[] = []
  const world = await copiesWorld(
    {},
    {
      fakeHosts: {
        checkout: (request) => {
          seen.push(copiesNow(world).map(({ name, state }) => ({ name, state })))
          return { kind: 'failed', fault: 'request', code: 'unknown_commit', detail: request.commit }
        },
      },
    },
  )

  await ask(world, 'example')
  await world.settle()

  expect(seen).toEqual([[{ name: 'example', state: 'pending' }]])
})

test('a copy is active from its first proof on, and tells its life', async () => {
  const world = await copiesWorld()

  const lease = await ask(world, 'example')
  await world.settle()

  const [copy] = copiesNow(world)
  expect(copy).toMatchObject({ state: 'active', name: 'example', blueprint: 'checkout', lease })
  expect(copy?.repositories).toEqual([{ repository: 'example', commit: 'main' }])
  expect(copy?.events.map(({ type }) => type)).toEqual(['created', 'activated'])
  expect(await world.lease(lease)).toMatchObject({ status: 'active', copy: copy?.id })
  expect(slotsNow(world, 'alpha')[0]?.warm).toEqual(['example'])
})

test('the next lease of the same repository finds the copy, and no other record is made', async () => {
  const world = await copiesWorld()
  await use(world, 'example')
  const [before] = copiesNow(world)
  await world.advance(MINUTE)

  const lease = await use(world, 'example')

  expect(copiesNow(world)).toHaveLength(1)
  expect(copiesNow(world)[0]).toMatchObject({ id: before?.id, lease, state: 'active' })
  expect(world.hosts.calls.some(({ verb }) => verb === 'tidy')).toBe(false)
})

test('a slot keeps so many copies, and the least recently used one goes before another is made', async () => {
  const world = await copiesWorld({ perSlot: 2 })

  for (const repository of ['example', 'two', 'example', 'three']) await use(world, repository)

  expect(namesNow(world)).toEqual(['example', 'three'])
  expect(world.hosts.copies.names('alpha/0')).toEqual(['example', 'three'])
  expect(slotsNow(world, 'alpha')[0]?.warm).toEqual(['three', 'example'])
  expect(goneNow(world)).toMatchObject([{ name: 'two', state: 'destroyed', reason: 'too_many' }])
  expect(goneNow(world)[0]?.events.map(({ type }) => type)).toEqual([
    'created',
    'activated',
    'released',
    'destroyed',
  ])
})

test('a copy that stood idle for too long goes, and its slot is free again', async () => {
  const world = await copiesWorld({ idle: DAY })
  await use(world, 'example')
  await world.advance(DAY)

  await sweep(world.ports)
  await world.settle()

  expect(copiesNow(world)).toEqual([])
  expect(world.hosts.copies.names('alpha/0')).toEqual([])
  expect(goneNow(world)).toMatchObject([{ name: 'example', reason: 'idle' }])
  expect(slotsNow(world, 'alpha')[0]).toMatchObject({ state: 'free', warm: [] })
  expect(violations(world.table.items())).toEqual([])
})

test('a copy in use never goes for being idle', async () => {
  const world = await copiesWorld({ idle: MINUTE })
  const lease = await ask(world, 'example')
  await world.advance(5 * MINUTE)

  await sweep(world.ports)
  await world.settle()

  expect(await world.lease(lease)).toMatchObject({ status: 'active' })
  expect(namesNow(world)).toEqual(['example'])
})

test('what a lease left half made goes as soon as nobody has the slot', async () => {
  const world = await copiesWorld()
  world.hosts.answerNext('checkout', { kind: 'failed', fault: 'request', code: 'bad_ref', detail: '' })
  await ask(world, 'example')
  await world.settle()
  const before = copiesNow(world).map(({ state }) => state)

  await sweep(world.ports)
  await world.settle()

  expect(before).toEqual(['pending'])
  expect(copiesNow(world)).toEqual([])
  expect(goneNow(world)).toMatchObject([{ reason: 'partial' }])
  expect(statesNow(world, 'alpha')).toEqual(['free'])
})

test('a copy that its host could not make is broken, and gone when its slot is clean again', async () => {
  const world = await copiesWorld()
  await use(world, 'example')
  world.hosts.answerNext('checkout', { kind: 'failed', fault: 'host', code: 'unproven', detail: '' })

  const lease = await ask(world, 'example')
  await world.settle()

  expect(goneNow(world)).toMatchObject([{ reason: 'checkout_failed' }])
  expect(goneNow(world)[0]?.events.map(({ type }) => type)).toContain('broken')
  expect(await world.lease(lease)).toMatchObject({ status: 'active' })
  expect(copiesNow(world)).toMatchObject([{ name: 'example', state: 'active', lease }])
})

test('a copy is measured soon after its first use, and one that its host has lost is forgotten', async () => {
  const world = await copiesWorld()
  await use(world, 'example')
  await use(world, 'two')
  world.hosts.copies.lose('alpha/0', 'two')
  await world.advance(10 * MINUTE)

  await sweep(world.ports)
  await world.settle()

  expect(copiesNow(world)).toMatchObject([{ name: 'example', bytes: 4_096 }])
  expect(goneNow(world)).toMatchObject([{ name: 'two', reason: 'missing' }])
  expect(slotsNow(world, 'alpha')[0]).toMatchObject({ state: 'free', warm: ['example'] })
})

test('copies of a slot that was started anew are gone', async () => {
  const world = await copiesWorld()
  await use(world, 'example')
  world.hosts.reimage('alpha')

  const lease = await ask(world, 'two')
  await world.settle()

  expect(goneNow(world)).toMatchObject([{ name: 'example', reason: 'wiped' }])
  expect(await world.lease(lease)).toMatchObject({ status: 'active' })
  await release(world, lease)
  expect(namesNow(world)).toEqual(['two'])
})

test('the audit sees to a copy that was given up and that nobody means to look after', async () => {
  const world = await copiesWorld()
  await use(world, 'example')
  const [slot] = slotsNow(world, 'alpha')
  const [copy] = copiesNow(world)
  await set(world, keyOfCopy(copy?.id ?? ''), { state: 'released', reason: 'operator' })
  await set(world, slotKey('alpha', 0), { tidyAt: (slot?.usedAt ?? 0) + DAY })

  const { copies } = await audit(world.ports)
  await world.settle()

  expect(copies).toBe(1)
  expect(goneNow(world)).toMatchObject([{ name: 'example', reason: 'operator' }])
  expect(statesNow(world, 'alpha')).toEqual(['free'])
  expect((await audit(world.ports)).copies).toBe(0)
})

test('the audit leaves alone a slot that was cleaned of what was given up while it looked', async () => {
  const world = await copiesWorld()
  await use(world, 'example')
  await set(world, keyOfCopy(copiesNow(world)[0]?.id ?? ''), { state: 'released', reason: 'operator' })
  await set(world, slotKey('alpha', 0), { tidyAt: 0 })
  world.halt(true)
  await sweep(world.ports)
  const before = statesNow(world, 'alpha')
  const query: typeof world.ports.table.query = async (what) => {
    const answer = await world.ports.table.query(what)
    if (what.from?.startsWith('W#') !== true) return answer
    world.halt(false)
    await world.settle()
    return answer
  }

  const { copies } = await audit({ ...world.ports, table: { ...world.ports.table, query } })

  expect(before).toEqual(['dirty'])
  expect(copies).toBe(0)
  expect(goneNow(world)).toMatchObject([{ name: 'example', reason: 'operator' }])
  expect(statesNow(world, 'alpha')).toEqual(['free'])
})

test('of two activations of one lease, the later one ends where the other one has failed', async () => {
  const world = await copiesWorld()
  world.halt(true)
  const lease = await ask(world, 'example')
  const failed = { kind: 'failed', fault: 'host', code: 'script_failed', detail: 'no shell' } as const
  const open: typeof world.ports.hosts.open = async (target, slot) => {
    const opened = await world.ports.hosts.open(target, slot)
    world.hosts.answerNext('checkout', failed)
    await activateLease(world.ports, lease)
    return opened
  }

  const route = await activateLease({ ...world.ports, hosts: { ...world.ports.hosts, open } }, lease)

  expect(route).toEqual({ route: 'DECIDE' })
  expect(await world.lease(lease)).toMatchObject({ status: 'pending', failures: [{ host: 'alpha' }] })
  expect(copiesNow(world)).toMatchObject([{ name: 'example', state: 'broken' }])
})
