import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Key } from '../../lib/app/ports/table.ts'
import { text } from '../../lib/app/store/attributes.ts'
import * as keys from '../../lib/app/store/keys.ts'
import { leaseItem, leaseOf } from '../../lib/app/store/lease-item.ts'
import { hostItem, hostOf, slotItem, slotOf, tokenItem, tokenOf } from '../../lib/app/store/slot-item.ts'
import type { FreeToken, Host, Slot } from '../../lib/domain/slot.ts'
import { pending } from '../support/lease-builder.ts'

const name = fc.string({ unit: 'binary', maxLength: 12 })
const small = fc.integer({ min: 0, max: 999 })

const PARTITIONS: Readonly<Record<string, (given: string, number: number) => Key>> = {
  lease: (given) => keys.leaseKey(given),
  event: (given, number) => keys.eventKey(given, number),
  command: (given, number) => keys.commandKey(given, number),
  output: (given, number) => keys.outputKey(given, number, number),
  waiter: (given) => keys.waiterItemKey(given, 'W#0#L'),
  permit: (given, number) => keys.permitKey(given, number),
  token: (given) => keys.tokenItemKey(given, 't'),
  host: (given) => keys.hostKey(given),
  slot: (given, number) => keys.slotKey(given, number),
  blueprint: (given) => keys.blueprintKey(given),
  repository: (given) => keys.repositoryKey(given),
  tenant: (given) => keys.tenantKey(given),
  'api token': (given) => keys.apiTokenKey(given),
  'idempotency record': (given) => keys.idempotencyKey(given, 'h'),
}

test.each(Object.entries(PARTITIONS))('a name cannot reach out of the partition of its %s', (_, keyOf) => {
  fc.assert(
    fc.property(name, small, (given, number) => {
      const { PK } = keyOf(given, number)

      expect(PK.split('#').length).toBe(keyOf('plain', number).PK.split('#').length)
    }),
  )
})

test('different names never share a key', () => {
  fc.assert(
    fc.property(name, name, (one, other) => {
      fc.pre(one.isWellFormed() && other.isWellFormed() && one !== other)

      expect(keys.leaseKey(one)).not.toEqual(keys.leaseKey(other))
      expect(keys.freeToken('r', one, 0)).not.toBe(keys.freeToken('r', other, 0))
    }),
  )
})

test('every lease has its timer in one of the shards, and it is due when its time has come', () => {
  const instant = fc.integer({ min: 0, max: 4_000_000_000_000 })

  fc.assert(
    fc.property(name, instant, instant, (id, due, now) => {
      const { PK, SK } = keys.timerKey(id, due)

      const shards = Array.from({ length: keys.SHARDS }, (_, shard) => keys.timersOf(shard))
      expect(shards).toContain(PK)
      expect(SK <= keys.dueBy(now)).toBe(due <= now)
    }),
  )
})

const host: Host = {
  name: 'alpha',
  pool: 'linux',
  transport: 'ssh',
  address: '127.0.0.1',
  port: 22,
  user: 'ci',
  hostKey: 'SHA256:x',
  directory: '.drydock',
  capacity: 2,
  state: 'draining',
  changes: 3,
  failuresInARow: 1,
}
const whole: Host = {
  ...host,
  reason: 'a new disk',
  changed: { by: 'operator', at: 1, until: 2 },
  isolation: 'user',
  lastSeenAt: 5,
}

test.each([
  ['with all that can be said of it', whole],
  ['of which nothing is known yet', host],
])('a host %s is read as it was stored', (_, given) => {
  expect(hostOf(hostItem(given))).toEqual(given)
})

const base = { host: 'alpha', number: 0, pool: 'linux', epoch: 4, offered: true, warm: ['a'] }

test.each<[string, Slot]>([
  ['before its first cleaning', { ...base, state: 'dirty', nonce: null }],
  ['that is to be wiped', { ...base, state: 'dirty', nonce: 'n', wipe: true }],
  ['that is free', { ...base, state: 'free', nonce: 'n', token: 't', usedAt: 7 }],
  ['that is held', { ...base, state: 'held', nonce: 'n', lease: 'L' }],
])('a slot %s is read as it was stored', (_, given) => {
  expect(slotOf(slotItem(given))).toEqual(given)
})

test('a token is read as it was stored', () => {
  const { offered: _, ...rest } = base
  const token: FreeToken = { ...rest, key: 'r#alpha#0', usedAt: 7 }

  expect(tokenOf(tokenItem(token))).toEqual(token)
})

test('a lease is read as it was stored, and nothing else is read as one', () => {
  const lease = pending({ note: 'nightly', checkout: { repository: 'a', commit: 'main' } })

  expect(leaseOf({ ...leaseItem(lease), opId: 'x' })).toEqual(lease)
  expect(() => leaseOf({ PK: 'L#x', SK: 'META' })).toThrow('not a lease: L#x')
})

test('an item without its text is a fault of ours, and says where', () => {
  expect(() => text({ PK: 'Q#linux', SK: 'W#1', lease: 7 }, 'lease')).toThrow(
    'Q#linux W#1 has no text in lease',
  )
})
