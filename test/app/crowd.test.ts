import { expect, test } from 'vitest'
import { WINDOW } from '../../lib/domain/matching.ts'
import { finalizeLease } from '../../lib/app/lifecycle/finalize.ts'
import { endHolding } from '../../lib/app/transactions/end.ts'
import { violations } from '../support/invariants.ts'
import { openWorld } from '../support/world.ts'
import { by, leasesNow, seen } from './support/look.ts'
import { createTurns } from './support/turns.ts'

test('who stands far back in a crowd takes its own slot at once where there are enough', async () => {
  const crowd = WINDOW + 20
  const world = await openWorld({
    hosts: { alpha: crowd / 2, beta: crowd / 2 },
    tenants: { acme: { name: 'acme', leases: 1_000 } },
  })

  await Promise.all(Array.from({ length: crowd }, async () => world.ask()))

  expect(leasesNow(world, 'acquired')).toHaveLength(crowd)
  expect(violations(world.table.items())).toEqual([])
})

test.each([1, 2, 3])('slots that are given back at once all go to those who wait, seed %i', async (seed) => {
  const world = await openWorld({
    seed,
    hosts: { alpha: 20 },
    tenants: { acme: { name: 'acme', leases: 100 } },
    turn: createTurns(seed),
  })
  world.halt(true)
  const holding = await Promise.all(Array.from({ length: 20 }, async () => world.ask()))
  const waiting = await Promise.all(Array.from({ length: 20 }, async () => world.ask()))
  for (const { leaseId } of holding) {
    await endHolding(
      world.ports,
      await seen(world, leaseId, 'acquired'),
      'released',
      { reason: 'released' },
      by(world),
    )
  }

  await Promise.all(holding.map(async ({ leaseId }) => finalizeLease(world.ports, leaseId, true)))

  const served = await Promise.all(waiting.map(async ({ leaseId }) => world.lease(leaseId)))
  expect(new Set(served.map(({ status }) => status))).toEqual(new Set(['acquired']))
  expect(violations(world.table.items())).toEqual([])
})
