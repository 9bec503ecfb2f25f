import { expect, test } from 'vitest'
import { createLease } from '../../../lib/app/leases/create-lease.ts'
import { releaseLease } from '../../../lib/app/leases/release-lease.ts'
import { violations } from '../../support/invariants.ts'
import { CI, holder, openWorld } from '../../support/world.ts'
import { late, lostTo } from '../support/late.ts'
import { leasesNow } from '../support/look.ts'
import { createTurns } from '../support/turns.ts'

const DEMAND = { blueprint: 'linux', priority: 0, durations: {} }
const KEY = { hash: 'h', requestHash: 'r' }
const DAY = 86_400_000

test('key_not_used: of two requests with one key that come at once, one makes a lease and both are told of it', async () => {
  for (let seed = 1; seed <= 20; seed++) {
    const world = await openWorld({ seed, turn: createTurns(seed) })
    world.halt(true)

    const both = await Promise.all([1, 2, 3].map(async () => createLease(world.ports, CI, DEMAND, KEY)))

    const told = both.map((result) => result.ok && `${result.value.leaseId} ${result.value.token}`)
    expect(new Set(told).size).toBe(1)
    expect(both.filter((result) => result.ok && !result.value.replayed)).toHaveLength(1)
    expect(violations(world.table.items())).toEqual([])
  }
})

test('key_not_used: a request that comes between the look at its key and the lease is answered with that lease', async () => {
  const world = await openWorld()
  world.halt(true)
  const { ports, outcomes } = late(world, 'key_not_used', async () =>
    createLease(world.ports, CI, DEMAND, KEY),
  )

  const created = await createLease(ports, CI, DEMAND, KEY)

  expect(lostTo(outcomes)).toContain('key_not_used')
  expect(created).toMatchObject({ ok: true, value: { replayed: true } })
  expect(leasesNow(world, 'acquired')).toHaveLength(1)
})

test('key_not_used: a key whose day is over makes another lease, collected or not', async () => {
  const world = await openWorld()
  const first = await createLease(world.ports, CI, DEMAND, KEY)
  await world.advance(DAY - 1)
  const within = await createLease(world.ports, CI, DEMAND, KEY)
  await world.advance(1)

  const after = await createLease(world.ports, CI, DEMAND, KEY)

  const ids = [first, within, after].map((result) => result.ok && result.value.leaseId)
  expect(ids[1]).toBe(ids[0])
  expect(ids[2]).not.toBe(ids[0])
})

test('key_not_used: a replay at full quota is no refusal, even if its first request has just come in', async () => {
  const world = await openWorld({ tenants: { acme: { name: 'acme', leases: 1 } } })
  world.halt(true)
  const { ports } = late(world, 'key_not_used', async () => createLease(world.ports, CI, DEMAND, KEY))

  const replayed = await createLease(ports, CI, DEMAND, KEY)

  expect(replayed).toMatchObject({ ok: true, value: { replayed: true } })
})

test('not_there_yet: a number that another lease has just taken is not taken twice', async () => {
  const world = await openWorld({ tenants: { acme: { name: 'acme', leases: 1 } } })
  world.halt(true)
  const { ports, outcomes } = late(world, 'not_there_yet', async () => world.ask())

  const refused = await createLease(ports, CI, DEMAND, KEY)

  expect(lostTo(outcomes)).toEqual(['not_there_yet'])
  expect(refused).toMatchObject({ ok: false, refusal: { refused: 'quota_exceeded' } })
  expect(violations(world.table.items())).toEqual([])
})

test.each([
  [1, 6],
  [3, 5],
  [12, 8],
])('a quota of %i is exact however many more (%i) come at once', async (quota, more) => {
  for (let seed = 1; seed <= 12; seed++) {
    const world = await openWorld({
      seed,
      tenants: { acme: { name: 'acme', leases: quota } },
      turn: createTurns(seed),
    })
    world.halt(true)

    const asked = await Promise.all(Array.from({ length: quota + more }, async () => world.tryAsk()))

    expect(asked.filter((result) => result.ok)).toHaveLength(quota)
    expect(new Set(asked.flatMap((result) => (result.ok ? [] : [result.refusal.refused])))).toEqual(
      new Set(['quota_exceeded']),
    )
    expect(leasesNow(world, 'pending').length + leasesNow(world, 'acquired').length).toBe(quota)
    expect(violations(world.table.items())).toEqual([])
  }
})

test('a place that is given back while others ask for it goes to one of them at most', async () => {
  for (let seed = 1; seed <= 20; seed++) {
    const tenants = { acme: { name: 'acme', leases: 2 } }
    const world = await openWorld({ seed, tenants, turn: createTurns(seed) })
    world.halt(true)
    await world.ask()
    const { leaseId } = await world.ask()

    const [, ...asked] = await Promise.all([
      releaseLease(world.ports, holder(leaseId), leaseId, 'ok'),
      ...Array.from({ length: 4 }, async () => world.tryAsk()),
    ])

    expect(asked.filter((result) => result.ok).length).toBeLessThanOrEqual(1)
    expect(violations(world.table.items())).toEqual([])
  }
})
