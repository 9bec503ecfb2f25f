import { expect, test } from 'vitest'
import type { Caller } from '../../lib/domain/access.ts'
import { mayRead } from '../../lib/domain/access.ts'
import type { Blueprint } from '../../lib/domain/catalogue.ts'
import { nearest, poolsOf } from '../../lib/domain/catalogue.ts'
import { judge } from '../../lib/domain/limits.ts'
import { routeOf } from '../../lib/domain/route.ts'
import { release } from '../../lib/domain/endings.ts'
import { acquire, activate } from '../../lib/domain/transitions.ts'
import { NOON, pending, SLOT, terms } from '../support/lease-builder.ts'

const MINUTE = 60_000

test.each([
  ['nothing asked, nothing narrowed', {}, {}, { ttl: 10 * MINUTE, maxHold: 240 * MINUTE, wait: 60 * MINUTE }],
  ['a blueprint narrower than the default', {}, { ttl: 2 * MINUTE }, { ttl: 2 * MINUTE }],
  ['a request within the limits', { ttl: MINUTE }, { ttl: 2 * MINUTE }, { ttl: MINUTE }],
])('durations are granted: %s', (_, asked, limits, expected) => {
  const judged = judge(asked, limits)

  expect(judged).toHaveProperty('granted')
  expect('granted' in judged ? judged.granted : {}).toMatchObject(expected)
})

test.each([
  ['ttl', { ttl: 3 * MINUTE }, { ttl: 2 * MINUTE }],
  ['maxHold', { maxHold: 25 * 60 * MINUTE }, {}],
  ['wait', { wait: 2 * MINUTE }, { wait: MINUTE }],
])('a %s above the blueprint is refused, never shortened in silence', (what, asked, limits) => {
  const judged = judge(asked, limits)

  expect(judged).toMatchObject({ above: what })
})

const blueprint: Blueprint = {
  name: 'checkout',
  type: 'working-copy',
  pools: ['linux'],
  allow: ['acme'],
  limits: {},
}

test('a host blueprint is its own pool', () => {
  expect(poolsOf({ name: 'linux', type: 'host', allow: [], limits: {} })).toEqual(['linux'])
  expect(poolsOf(blueprint)).toEqual(['linux'])
})

test('the nearest names come first', () => {
  expect(nearest('linus', ['windows', 'linux', 'macos', 'line'])).toEqual(['linux', 'line', 'macos'])
})

test.each([
  ['its own token', { principal: 'lease/x', tenant: 'acme', scopes: [], lease: terms().id }, true],
  [
    "another lease's token of the same tenant",
    { principal: 'lease/y', tenant: 'acme', scopes: [], lease: 'y' },
    false,
  ],
  ['its owner', { principal: 'api-token/ci', tenant: 'acme', scopes: ['lease'] }, true],
  [
    'another principal of the tenant',
    { principal: 'api-token/other', tenant: 'acme', scopes: ['lease'] },
    false,
  ],
  ['an operator', { principal: 'issuer/ops', tenant: 'ops', scopes: ['operator'] }, true],
] satisfies readonly (readonly [string, Caller, boolean])[])(
  'a lease is read by %s: see the table',
  (_, caller, may) => {
    expect(mayRead(caller, terms())).toBe(may)
  },
)

test('an execution is routed by the state of its lease and the clock', () => {
  const waiting = pending()
  const acquired = acquire(waiting, SLOT, 3, { now: NOON, actor: 'x' }).lease
  const active = activate(acquired, { isolation: 'user' }, { now: NOON, actor: 'x' }).lease
  const released = release(active, { reason: 'released' }, { now: NOON, actor: 'x' }).lease

  expect(routeOf(waiting, NOON)).toEqual({ route: 'WAIT', timeoutSeconds: 3_601 })
  expect(routeOf(waiting, waiting.waitDeadline)).toEqual({ route: 'OVERDUE' })
  expect(routeOf(acquired, NOON)).toEqual({ route: 'ACTIVATE' })
  expect(routeOf(acquired, acquired.activationDeadline)).toEqual({ route: 'OVERDUE' })
  expect(routeOf(active, NOON)).toEqual({ route: 'HOLD', timeoutSeconds: 14_430, heartbeatSeconds: 601 })
  expect(routeOf(active, active.expiresAt)).toEqual({ route: 'OVERDUE' })
  expect(routeOf(released, NOON)).toEqual({ route: 'DESTROY' })
})

test.each([0, 1, 599_999, 600_000, 14_399_999, 14_400_000])(
  'a heartbeat is always shorter than its timeout, %i ms into the hold',
  (held) => {
    const acquired = acquire(pending(), SLOT, 3, { now: NOON, actor: 'x' }).lease
    const active = {
      ...activate(acquired, { isolation: 'user' }, { now: NOON, actor: 'x' }).lease,
      expiresAt: NOON + 14_400_000,
    }

    const route = routeOf(active, NOON + held)

    expect(
      route.route === 'OVERDUE' || (route.route === 'HOLD' && route.heartbeatSeconds < route.timeoutSeconds),
    ).toBe(true)
  },
)

test('a kept lease is kept until its time is over', () => {
  const acquired = acquire(pending(), SLOT, 3, { now: NOON, actor: 'x' }).lease
  const {
    expiresAt: _,
    maxExpiresAt: _max,
    ...rest
  } = activate(acquired, { isolation: 'user' }, { now: NOON, actor: 'x' }).lease
  const kept = { ...rest, status: 'kept' as const, holdUntil: NOON + 60_000 }

  expect(routeOf(kept, NOON)).toEqual({ route: 'KEEP', timeoutSeconds: 61 })
  expect(routeOf(kept, NOON + 60_000)).toEqual({ route: 'OVERDUE' })
})
