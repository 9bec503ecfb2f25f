import { describe, expect, test } from 'vitest'

import type { Write } from '../../../lib/app/ports/table.ts'
import { runBurst } from './burst.ts'
import { createVirtualClient } from './client.ts'
import { statusOf } from './commits.ts'
import { openInstallation } from './installation.ts'
import { createLives } from './lives.ts'
import { createOrder } from './order.ts'

const always = { name: 'always', all: [] }
const stand = (lease: string, key: string): Write => ({
  kind: 'put',
  item: { PK: 'Q#linux', SK: key, lease },
  when: always,
})
const leave = (key: string): Write => ({ kind: 'delete', key: { PK: 'Q#linux', SK: key }, when: always })
const token = (name: string): Write => ({ kind: 'put', item: { PK: 'F#linux', SK: name }, when: always })
const become = (lease: string, status: string): Write => ({
  kind: 'update',
  key: { PK: `L#${lease}`, SK: 'META' },
  set: { status },
  when: always,
})

describe('an inversion is counted', () => {
  const queue = (...free: readonly string[]) => {
    const order = createOrder((lease) => (lease === 'c' ? 'other' : 'one'))
    for (const name of free) order.committed([token(name)])
    for (const [lease, key] of [
      ['a', 'W#1'],
      ['b', 'W#2'],
      ['c', 'W#3'],
    ] as const) {
      order.committed([stand(lease, key)])
      order.answered(lease)
    }
    return order
  }

  test('for each lease that stood before one that was given the last slot', () => {
    const order = queue('x')

    order.committed([become('c', 'acquired'), leave('W#3')])

    expect(order.seen()).toMatchObject({ acquired: 1, inversions: 2, ofOneTenant: 0 })
  })

  test('within a tenant where both are its own', () => {
    const order = queue('x')

    order.committed([become('b', 'acquired'), leave('W#2')])

    expect(order.seen()).toMatchObject({ inversions: 1, ofOneTenant: 1 })
  })

  test('not while there is a slot left for whoever stands before', () => {
    const order = queue('x', 'y')

    order.committed([become('b', 'acquired'), leave('W#2')])

    expect(order.seen()).toMatchObject({ acquired: 1, inversions: 0 })
  })

  test('where a slot is handed over past the head', () => {
    const order = queue()

    order.committed([become('z', 'destroyed'), become('b', 'acquired'), leave('W#2')])

    expect(order.seen()).toMatchObject({ handedOver: 1, inversions: 1 })
  })

  test('apart for those whose POST was not answered yet', () => {
    const order = queue('x')
    order.committed([stand('d', 'W#0')])

    order.committed([become('a', 'acquired'), leave('W#1')])

    expect(order.seen()).toMatchObject({ inversions: 0, unanswered: 1 })
  })
})

test('from release to the next lease acquired there is one transaction and one awaken', async () => {
  const commits: (readonly Write[])[] = []
  const lives = createLives()
  const installation = await openInstallation({
    slots: 1,
    tenants: ['acme'],
    quota: 2,
    committed: (writes) => {
      commits.push(writes)
      lives.committed(writes)
    },
  })
  const client = createVirtualClient(installation)
  const second = await installation.finish(
    (async () => {
      const first = await client.create('acme')
      await lives.became(first, 'active')
      const id = await client.create('acme')
      await installation.simulation.kernel.sleep(10_000)
      await client.release(first, 'acme')
      await lives.became(id, 'active')
      return id
    })(),
  )

  const statuses = commits.map((writes) => writes.flatMap((write) => statusOf(write) ?? []))
  const given =
    statuses.flatMap((all, at) => (all.some((one) => one.status === 'acquired') ? [at] : [])).at(-1) ?? 0
  const released = statuses.findIndex((all) => all.some((one) => one.status === 'released'))
  const between = commits.slice(released + 1, given + 1)
  const awakened = commits.filter(
    ([write]) => write?.when.name === 'token_unused' && keyOf(write) === `L#${second}`,
  )

  expect(between.filter((writes) => writes.length > 1)).toHaveLength(1)
  expect(statuses[given]?.map(({ status }) => status).toSorted()).toEqual(['acquired', 'destroyed'])
  expect(awakened).toHaveLength(1)
})

test('leases that wait on a full pool ask for nothing but the sweep, and their host for one probe in ten minutes', async () => {
  const lives = createLives()
  const installation = await openInstallation({
    slots: 1,
    tenants: ['acme'],
    quota: 20,
    committed: lives.committed,
  })
  const { simulation, table, sweeps, finish, sweepOnce } = installation
  const client = createVirtualClient(installation)
  await finish(
    (async () => {
      await lives.became(await client.create('acme', { ttlSeconds: 3_600 }), 'active')
      await Promise.all(Array.from({ length: 19 }, () => client.create('acme')))
      await simulation.kernel.sleep(60_000)
      while ((await sweepOnce()).due > 0);
    })(),
  )
  table.tally.reset()
  sweeps.reset()

  for (let minute = 0; minute < 10; minute++) {
    await finish(sweepOnce())
    await finish(simulation.kernel.sleep(60_000))
  }

  const [all, swept] = [table.tally.total(), sweeps.total()]
  expect({ requests: all.requests - swept.requests, written: all.writeUnits - swept.writeUnits }).toEqual({
    requests: 3,
    written: 1,
  })
  expect(swept.requests).toBeGreaterThan(0)
})

test('a burst is the same burst whenever it is run', async () => {
  const options = { leases: 20, slots: 3, tenants: 2, hold: 1_000 }

  const [one, other] = [await runBurst(options), await runBurst(options)]

  expect(other).toEqual(one)
  expect(one.order).toMatchObject({ acquired: 20, handedOver: 17, inversions: 0 })
})

const keyOf = (write: Write): string => (write.kind === 'put' ? write.item.PK : write.key.PK)
