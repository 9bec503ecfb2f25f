import { expect, test } from 'vitest'
import { extendLease } from '../../../lib/app/leases/extend-lease.ts'
import { releaseLease } from '../../../lib/app/leases/release-lease.ts'
import { renewLease } from '../../../lib/app/leases/renew-lease.ts'
import type { Caller } from '../../../lib/domain/access.ts'
import { violations } from '../../support/invariants.ts'
import { holder } from '../../support/world.ts'
import { late, lostTo } from '../support/late.ts'
import { seen } from '../support/look.ts'
import { activeWorld } from './arrange.ts'

const OPERATOR: Caller = { principal: 'user/olga', tenant: 'ops', scopes: ['operator'] }
const why = { extendBy: 60_000, reason: 'the build is worth it' }

test('extendable: an extension that comes after the release it raced with tells that the lease is lost', async () => {
  const { world, lease } = await activeWorld()
  const { ports, outcomes } = late(world, 'extendable', async () =>
    releaseLease(world.ports, holder(lease.id), lease.id, 'ok'),
  )

  const extended = await extendLease(ports, OPERATOR, lease.id, why)

  expect(lostTo(outcomes)).toContain('extendable')
  expect(extended).toMatchObject({ ok: false, refusal: { refused: 'lease_lost' } })
})

test('extendable: an extension does not shorten what a renewal has granted meanwhile', async () => {
  const { world, lease } = await activeWorld()
  await world.advance(5_000)
  const { ports, outcomes } = late(world, 'extendable', async () =>
    renewLease(world.ports, holder(lease.id), lease.id),
  )

  await extendLease(ports, OPERATOR, lease.id, why)

  expect(lostTo(outcomes)).toContain('extendable')
  expect((await seen(world, lease.id, 'active')).expiresAt).toBe(lease.expiresAt + 5_000)
  expect(violations(world.table.items())).toEqual([])
})

test('extendable: of two operators the second extends what the first has left', async () => {
  const { world, lease } = await activeWorld()
  const { ports, outcomes } = late(world, 'extendable', async () =>
    extendLease(world.ports, OPERATOR, lease.id, { ...why, extendBy: lease.maxHold + 60_000 }),
  )

  await extendLease(ports, OPERATOR, lease.id, { ...why, extendBy: lease.maxHold + 120_000 })

  const after = await seen(world, lease.id, 'active')
  expect(lostTo(outcomes)).toContain('extendable')
  expect(after).toMatchObject({
    version: lease.version + 2,
    maxExpiresAt: world.ports.clock.now() + lease.maxHold + 120_000,
  })
  expect(violations(world.table.items())).toEqual([])
})
