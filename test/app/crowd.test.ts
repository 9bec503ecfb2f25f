import { expect, test } from 'vitest'
import { WINDOW } from '../../lib/domain/matching.ts'
import { violations } from '../support/invariants.ts'
import { openWorld } from '../support/world.ts'
import { leasesNow } from './support/look.ts'

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
