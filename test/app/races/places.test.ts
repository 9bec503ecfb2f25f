import { expect, test } from 'vitest'
import { reservePlaces } from '../../../lib/app/leases/reserve-places.ts'
import { tagKey } from '../../../lib/app/store/keys.ts'
import { violations } from '../../support/invariants.ts'
import { NOON } from '../../support/lease-builder.ts'
import type { World } from '../../support/world.ts'
import { openWorld } from '../../support/world.ts'
import { late, lostTo } from '../support/late.ts'
import { itemAt, leasesNow, remove } from '../support/look.ts'
import { createTurns } from '../support/turns.ts'

const TAG = tagKey('acme', 'linux', 0)
const QUANTUM = 60_000

/** Milliseconds after noon that the tenant's next place stands for. */
async function reserve(world: World, ports = world.ports): Promise<number> {
  const places = await reservePlaces(ports, 'acme', [{ name: 'linux', quantum: QUANTUM }], 0, 'L')
  return Number(places['linux']?.split('#')[1]) - NOON
}

test('tag_unchanged: concurrent requests of one tenant get places of their own', async () => {
  for (let seed = 1; seed <= 20; seed++) {
    const world = await openWorld({ seed, turn: createTurns(seed) })
    world.halt(true)

    await Promise.all(Array.from({ length: 8 }, async () => world.ask()))

    const leases = [...leasesNow(world, 'pending'), ...leasesNow(world, 'acquired')]
    const bases = leases.map((lease) => JSON.stringify(lease['waiters']).split('#')[1])
    expect(new Set(bases).size).toBe(8)
    expect(violations(world.table.items())).toEqual([])
  }
})

test('tag_unchanged: of two first requests of a tenant one stands behind the other', async () => {
  const world = await openWorld()
  const places: number[] = []
  const { ports, outcomes } = late(world, 'tag_unchanged', async () => places.push(await reserve(world)))

  places.push(await reserve(world, ports))

  expect(lostTo(outcomes)).toEqual(['tag_unchanged'])
  expect(places).toEqual([0, QUANTUM])
})

test('tag_unchanged: of two requests after a long rest one stands behind the other', async () => {
  const world = await openWorld()
  await reserve(world)
  await world.advance(10 * QUANTUM)
  const places: number[] = []
  const { ports, outcomes } = late(world, 'tag_unchanged', async () => places.push(await reserve(world)))

  places.push(await reserve(world, ports))

  expect(lostTo(outcomes)).toEqual(['tag_unchanged'])
  expect(places).toEqual([10 * QUANTUM, 11 * QUANTUM])
})

test('tag_not_past: requests that come at once add their steps, and none is lost', async () => {
  const world = await openWorld()
  await reserve(world)
  const places: number[] = []
  const { ports, outcomes } = late(world, 'tag_not_past', async () => places.push(await reserve(world)))

  places.push(await reserve(world, ports))

  expect(lostTo(outcomes)).toEqual([])
  expect(places).toEqual([QUANTUM, 2 * QUANTUM])
})

test('tag_not_past: a place that was collected meanwhile is begun anew, now', async () => {
  const world = await openWorld()
  await reserve(world)
  const { ports, outcomes } = late(world, 'tag_not_past', async () => remove(world, TAG))
  await world.advance(1_000)

  const place = await reserve(world, ports)

  expect(lostTo(outcomes)).toEqual(['tag_not_past'])
  expect(place).toBe(1_000)
  expect(itemAt(world, TAG)).toMatchObject({ base: NOON + 1_000 })
})

test('an addition whose answer does not tell the place costs one more', async () => {
  const world = await openWorld()
  await reserve(world)
  let silent = true
  const write: typeof world.table.write = async (one) => {
    const outcome = await world.table.write(one)
    if (!silent || one.kind !== 'update' || !one.add) return outcome
    silent = false
    return outcome.committed ? { committed: true } : outcome
  }

  const place = await reserve(world, { ...world.ports, table: { ...world.table, write } })

  expect(place).toBe(2 * QUANTUM)
})
