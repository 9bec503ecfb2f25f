import { expect, test } from 'vitest'
import type { Commit } from '../../../lib/adapters/memory/table.ts'
import { changeHost } from '../../../lib/app/fleet/change-host.ts'
import { explainLease } from '../../../lib/app/leases/explain-lease.ts'
import { releaseLease } from '../../../lib/app/leases/release-lease.ts'
import { awaitLease } from '../../../lib/app/leases/view-lease.ts'
import { repair } from '../../../lib/app/repair/repair.ts'
import { freeSlot } from '../../../lib/app/transactions/finish.ts'
import { violations } from '../../support/invariants.ts'
import type { World, WorldOptions } from '../../support/world.ts'
import { CI, holder, openWorld } from '../../support/world.ts'
import { by, leasesNow, placesNow, seen, slotSeen } from '../support/look.ts'
import { createTurns } from '../support/turns.ts'

const COPY = { blueprint: 'checkout', repository: 'example' }
const FOUR = { hosts: { alpha: 1 }, pools: { mac: { mini: 1 }, arm: { pi: 1 }, gpu: { card: 1 } } }
const POOLS = ['linux', 'mac', 'arm', 'gpu']

/** A slot in each of four pools, each of them held; by pool the lease that holds it. */
async function allHeld(options: WorldOptions = {}) {
  const world = await openWorld({ ...FOUR, ...options })
  const held = new Map<string, string>()
  for (const blueprint of POOLS) held.set(blueprint, (await world.ask({ blueprint })).leaseId)
  await world.settle()
  const release = async (pool: string) => {
    const id = held.get(pool) ?? ''
    await releaseLease(world.ports, holder(id), id, 'ok')
    await world.settle()
  }
  return { world, release }
}

/** The slot of this host becomes free by somebody who dies at once and tells nobody. */
async function openRoom(world: World, host: string): Promise<void> {
  const held = slotSeen(world, host, 0, 'held')
  await releaseLease(world.ports, holder(held.lease), held.lease, 'ok')
  await freeSlot(world.ports, await seen(world, held.lease, 'released'), held, by(world))
}

const queues = (world: World) => POOLS.map((pool) => placesNow(world, pool).length)

test('a working copy waits in every pool of its blueprint at once', async () => {
  const { world } = await allHeld()

  const { leaseId } = await world.ask(COPY)

  const lease = await seen(world, leaseId, 'pending')
  expect(Object.keys(lease.waiters)).toEqual(POOLS)
  expect(queues(world)).toEqual([1, 1, 1, 1])
  expect(violations(world.table.items())).toEqual([])
})

test.each(POOLS)(
  'the first slot that comes back is its: with one of %s all its other places are gone in the same transaction',
  async (pool) => {
    const commits: Commit[] = []
    const { world, release } = await allHeld({ committed: (commit) => commits.push(commit) })
    const { leaseId } = await world.ask(COPY)

    await release(pool)

    const gone = commits.flatMap(({ before, after }) => {
      const places = before.filter(
        (item, index) => item?.PK.startsWith('Q#') && item['lease'] === leaseId && !after[index],
      )
      const acquired = after.some((item) => item?.PK === `L#${leaseId}` && item['status'] === 'acquired')
      return places.length === 0 ? [] : [{ places: places.length, acquired }]
    })
    expect(gone).toEqual([{ places: 4, acquired: true }])
    expect(await world.lease(leaseId)).toMatchObject({ status: 'active', slot: { pool } })
    expect(violations(world.table.items())).toEqual([])
  },
)

test('slots of several pools that come back at once serve a waiter once, and the others whoever is next', async () => {
  for (let seed = 1; seed <= 20; seed++) {
    const world = await openWorld({ ...FOUR, seed, turn: createTurns(seed) })
    for (const host of ['alpha', 'mini', 'pi', 'card']) {
      await changeHost(world.ports, host, { state: 'draining' }, by(world))
    }
    world.halt(true)
    for (let count = 0; count < 3; count++) await world.ask(COPY)

    await Promise.all(
      ['alpha', 'mini', 'pi', 'card'].map(async (host) =>
        changeHost(world.ports, host, { state: 'active' }, by(world)),
      ),
    )

    expect(leasesNow(world, 'acquired')).toHaveLength(3)
    expect(queues(world)).toEqual([0, 0, 0, 0])
    expect(violations(world.table.items())).toEqual([])
  }
})

test('a requeued lease stands at its places in all of its pools again', async () => {
  const { world, release } = await allHeld()
  const { leaseId } = await world.ask(COPY)
  const { waiters } = await world.lease(leaseId)
  world.hosts.answerNext('open', { kind: 'failed', fault: 'host', code: 'unreachable', detail: 'gone' })
  for (let count = 0; count < 10; count++) {
    world.hosts.answerNext(
      'close',
      { kind: 'failed', fault: 'host', code: 'unreachable', detail: 'gone' },
      'mini',
    )
  }

  await release('mac')

  expect(await world.lease(leaseId)).toMatchObject({ status: 'pending', waiters })
  expect(queues(world)).toEqual([1, 1, 1, 1])
  expect(violations(world.table.items())).toEqual([])
})

test('a lease that is cancelled leaves all of its queues', async () => {
  const { world } = await allHeld()
  const { leaseId } = await world.ask(COPY)

  await releaseLease(world.ports, holder(leaseId), leaseId, 'ok')

  expect(queues(world)).toEqual([0, 0, 0, 0])
  expect(violations(world.table.items())).toEqual([])
})

test('only the pools that were asked for are waited in, each once', async () => {
  const { world } = await allHeld()

  const { leaseId } = await world.ask({ ...COPY, pools: ['arm', 'mac', 'arm'] })

  expect((await world.lease(leaseId)).pools).toEqual(['arm', 'mac'])
  expect(queues(world)).toEqual([0, 1, 1, 0])
})

test('who waits in several pools is told the place where it stands best', async () => {
  const { world } = await allHeld()
  await world.ask({ blueprint: 'linux' })
  await world.ask({ blueprint: 'mac' })
  await world.ask({ blueprint: 'mac' })

  const { leaseId } = await world.ask({ ...COPY, pools: ['mac', 'linux'] })

  const told = await awaitLease(world.ports, CI, leaseId, 0)
  const explained = await explainLease(world.ports, CI, leaseId)
  expect(told.ok && told.value.waiting).toMatchObject({ pool: 'linux', position: 2 })
  expect(explained.ok && explained.value.pools.map(({ pool, rank }) => [pool, rank])).toEqual([
    ['mac', 3],
    ['linux', 2],
  ])
})

test('a repair looks for room in every pool of a waiting lease', async () => {
  const { world } = await allHeld()
  const { leaseId } = await world.ask(COPY)
  await changeHost(world.ports, 'mini', { state: 'draining' }, by(world))
  await world.settle()
  world.halt(true)
  await openRoom(world, 'card')

  await repair(world.ports, leaseId)

  expect(await world.lease(leaseId)).toMatchObject({ status: 'acquired', slot: { pool: 'gpu' } })
})
