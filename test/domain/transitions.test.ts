import { expect, test } from 'vitest'
import type { ActiveLease } from '../../lib/domain/lease.ts'
import { isHolding, isLiving, isUsable } from '../../lib/domain/lease.ts'
import { breakLease, cancel, destroy, release } from '../../lib/domain/endings.ts'
import { acquire, activate, requeue } from '../../lib/domain/transitions.ts'
import { NOON, pending, SLOT } from '../support/lease-builder.ts'

const at = (seconds: number, actor = 'execution') => ({ now: NOON + seconds * 1_000, actor })

const active = (changes: Parameters<typeof pending>[0] = {}): ActiveLease =>
  activate(acquire(pending(changes), SLOT, 8, at(1)).lease, { isolation: 'user' }, at(2)).lease

test('a lease is born pending, with version 1 and a timer of half a minute', () => {
  const lease = pending()

  expect(lease).toMatchObject({
    status: 'pending',
    version: 1,
    timer: NOON + 30_000,
    failures: [],
    commands: 0,
  })
})

test('a short wait is looked at when it is over, not later', () => {
  const lease = pending({ waitDeadline: NOON + 5_000 })

  expect(lease.timer).toBe(NOON + 5_000)
})

test('an acquisition gives slot, epoch and an activation deadline, and is told on the timeline', () => {
  const step = acquire(pending(), SLOT, 8, at(1))

  expect(step.lease).toMatchObject({ status: 'acquired', version: 2, slot: SLOT, epoch: 8 })
  expect(step.lease.activationDeadline).toBe(NOON + 901_000)
  expect(step.event).toEqual({
    version: 2,
    at: NOON + 1_000,
    type: 'acquired',
    actor: 'execution',
    detail: { host: 'alpha', slot: 1, epoch: 8 },
  })
})

test('the time of a lease runs from its activation, not from its request', () => {
  const lease = active()

  expect(lease.expiresAt).toBe(NOON + 602_000)
  expect(lease.maxExpiresAt).toBe(NOON + 2_000 + 14_400_000)
  expect(lease.timer).toBe(lease.expiresAt + 30_000)
})

test('a ttl beyond the hard maximum ends at the maximum', () => {
  const lease = active({ ttl: 600_000, maxHold: 60_000 })

  expect(lease.expiresAt).toBe(lease.maxExpiresAt)
})

test('a lease is usable until the instant of its expiry, and not in it', () => {
  const lease = active()

  expect(isUsable(lease, lease.expiresAt - 1)).toBe(true)
  expect(isUsable(lease, lease.expiresAt)).toBe(false)
})

test('a requeued lease has its place, its failures and no slot', () => {
  const acquired = acquire(pending(), SLOT, 8, at(1)).lease

  const step = requeue(acquired, { host: 'alpha', code: 'unreachable', detail: 'refused' }, at(3))

  expect(step.lease).toMatchObject({ status: 'pending', version: 3, waiters: acquired.waiters })
  expect(step.lease.failures).toEqual([{ host: 'alpha', code: 'unreachable', detail: 'refused' }])
  expect(step.lease).not.toHaveProperty('slot')
  expect(step.lease).not.toHaveProperty('epoch')
  expect(step.lease).not.toHaveProperty('activationDeadline')
})

test.each([
  ['an active lease that is released', () => release(active(), { reason: 'released' }, at(9)), 'released'],
  ['an active lease that expires', () => release(active(), { reason: 'expired' }, at(9)), 'expired'],
  [
    'an acquired lease whose request was at fault',
    () => breakLease(acquire(pending(), SLOT, 8, at(1)).lease, { reason: 'request_failed' }, at(9)),
    'broken',
  ],
])('%s keeps its slot until it is destroyed', (_, end, event) => {
  const ended = end()
  const destroyed = destroy(ended.lease, at(10))

  expect(ended.event.type).toBe(event)
  expect(isHolding(ended.lease)).toBe(true)
  expect(ended.lease).not.toHaveProperty('expiresAt')
  expect(destroyed.lease).toMatchObject({
    status: 'destroyed',
    slot: SLOT,
    epoch: 8,
    reason: ended.lease.reason,
  })
  expect(destroyed.lease.endedAt).toBe(NOON + 9_000)
  expect(destroyed.lease.destroyedAt).toBe(NOON + 10_000)
  expect(isLiving(destroyed.lease)).toBe(false)
})

test('a waiting lease that is cancelled is destroyed at once and never had a slot', () => {
  const step = cancel(pending(), { reason: 'cancelled' }, at(4))

  expect(step.lease).toMatchObject({ status: 'destroyed', reason: 'cancelled', version: 2 })
  expect(step.lease).not.toHaveProperty('slot')
  expect(step.lease).not.toHaveProperty('timer')
})

test('every transition raises the version by one and names it in its event', () => {
  const first = acquire(pending(), SLOT, 8, at(1))
  const second = activate(first.lease, { isolation: 'user' }, at(2))
  const third = release(second.lease, { reason: 'released' }, at(3))
  const fourth = destroy(third.lease, at(4))

  const steps = [first, second, third, fourth]

  expect(steps.map((step) => step.lease.version)).toEqual([2, 3, 4, 5])
  expect(steps.map((step) => step.event.version)).toEqual([2, 3, 4, 5])
})
