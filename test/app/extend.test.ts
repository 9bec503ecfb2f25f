import { expect, test } from 'vitest'
import { extendLease } from '../../lib/app/leases/extend-lease.ts'
import { leaseEvents } from '../../lib/app/leases/list-leases.ts'
import { renewLease } from '../../lib/app/leases/renew-lease.ts'
import type { Caller } from '../../lib/domain/access.ts'
import { holder, openWorld } from '../support/world.ts'
import { seen } from './support/look.ts'

const OPERATOR: Caller = { principal: 'user/olga', tenant: 'ops', scopes: ['operator'] }
const HOUR = 3_600_000
async function activeWorld() {
  const world = await openWorld()
  const { leaseId } = await world.ask()
  await world.settle()
  return { world, lease: await seen(world, leaseId, 'active') }
}

const why = { extendBy: HOUR, reason: 'the build is worth it' }

test('an operator extends a lease past its hard maximum, and its timeline tells who and why', async () => {
  const { world, lease } = await activeWorld()
  const now = world.ports.clock.now()
  const past = { ...why, extendBy: lease.maxHold + HOUR }

  const extended = await extendLease(world.ports, OPERATOR, lease.id, past)

  const events = await leaseEvents(world.ports, OPERATOR, lease.id)
  expect(extended).toMatchObject({ ok: true, value: { expiresAt: now + lease.maxHold + HOUR } })
  expect(events.ok && events.value.at(-1)).toMatchObject({
    type: 'extended',
    actor: 'user/olga',
    detail: { reason: why.reason, pastMaximum: 3_600 - (now - lease.activatedAt) / 1_000 },
  })
})

test('an extended lease is renewed up to its new maximum, and ends only after it', async () => {
  const { world, lease } = await activeWorld()
  await extendLease(world.ports, OPERATOR, lease.id, { ...why, extendBy: lease.maxHold + HOUR })
  await world.advance(lease.maxHold + HOUR - 1_000)

  const last = await seen(world, lease.id, 'active')
  const renewed = await renewLease(world.ports, holder(lease.id), lease.id)
  await world.advance(4_000)

  expect(last.expiresAt).toBe(last.maxExpiresAt)
  expect(renewed).toMatchObject({ ok: false, refusal: { refused: 'past_maximum' } })
  expect(await world.lease(lease.id)).toMatchObject({ status: 'destroyed', reason: 'expired' })
})

test('an extension never shortens a lease', async () => {
  const { world, lease } = await activeWorld()

  await extendLease(world.ports, OPERATOR, lease.id, { ...why, extendBy: 1_000 })

  expect(await seen(world, lease.id, 'active')).toMatchObject({
    expiresAt: lease.expiresAt,
    maxExpiresAt: lease.maxExpiresAt,
  })
})

test('what is over, waits or does not exist is not extended', async () => {
  const { world, lease } = await activeWorld()
  await world.advance(lease.ttl)
  const other = await openWorld({ hosts: { alpha: 1 } })
  await other.ask()
  const waiting = await other.ask()

  const expired = await extendLease(world.ports, OPERATOR, lease.id, why)
  const pending = await extendLease(other.ports, OPERATOR, waiting.leaseId, why)
  const absent = await extendLease(other.ports, OPERATOR, '01ARZ3NDEKTSV4RRFFQ69G5FAV', why)

  expect([expired, pending, absent]).toMatchObject([
    { refusal: { refused: 'lease_lost' } },
    { refusal: { refused: 'not_active' } },
    { refusal: { refused: 'not_found' } },
  ])
})
