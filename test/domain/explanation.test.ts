import { expect, test } from 'vitest'
import { release } from '../../lib/domain/endings.ts'
import type { HostExplanation, PoolExplanation, PoolSeen } from '../../lib/domain/explanation.ts'
import { explainPool } from '../../lib/domain/explanation.ts'
import type { HoldingLease, KeptLease, Lease } from '../../lib/domain/lease.ts'
import type { Host, HostBase, Slot } from '../../lib/domain/slot.ts'
import { acquire, activate } from '../../lib/domain/transitions.ts'
import { NOON, pending, SLOT } from '../support/lease-builder.ts'

const MINUTE = 60_000
const by = { now: NOON, actor: 'execution' }

const host = (name: string, changes: Partial<HostBase> = {}): Host => ({
  name,
  pool: 'linux',
  transport: 'ssh',
  address: '127.0.0.1',
  port: 22,
  user: 'ci',
  hostKey: 'SHA256:x',
  directory: '.drydock',
  capacity: 1,
  state: 'active',
  changes: 0,
  failuresInARow: 0,
  ...changes,
})

const base = { number: 0, pool: 'linux', epoch: 8, nonce: 'n', warm: [], offered: true }
const free = (name: string): Slot => ({ ...base, host: name, state: 'free', token: `t#${name}#0` })
const held = (name: string, lease = 'A'): Slot => ({ ...base, host: name, state: 'held', lease })
const slotIn = (name: string, state: 'dirty' | 'withheld' | 'broken'): Slot => ({
  ...base,
  host: name,
  state,
})

const acquired = acquire(pending(), SLOT, 8, by).lease
const active = activate(acquired, { isolation: 'user' }, by).lease
const { expiresAt: _, maxExpiresAt: _max, ...rest } = active
const kept: KeptLease = { ...rest, status: 'kept', holdUntil: NOON + 7 * MINUTE }
const released = release(active, { reason: 'released' }, by).lease

function explain(seen: Partial<PoolSeen>, holder: Lease = active): PoolExplanation {
  return explainPool({
    pool: 'linux',
    rank: 1,
    disabled: false,
    meanHold: 10 * MINUTE,
    now: NOON,
    hosts: [],
    holders: new Map([['A', holder]]),
    mayKnow: () => true,
    ...seen,
  })
}

const on = (slot: Slot, changes: Partial<HostBase> = {}) => ({
  host: host(slot.host, changes),
  slots: [slot],
})

test.each<[string, Partial<PoolSeen>, PoolExplanation['blocked']]>([
  ['its blueprint gives none', { disabled: true, hosts: [on(free('a'))] }, 'blueprint_disabled'],
  ['the pool has no hosts', {}, 'no_hosts'],
  [
    'no host gives leases',
    {
      hosts: [
        on(slotIn('a', 'withheld'), { state: 'draining' }),
        on(slotIn('b', 'dirty'), { state: 'disabled' }),
      ],
    },
    'no_host_gives_leases',
  ],
  ['it is next and every slot is in use', { hosts: [on(held('a'))] }, 'slots_held'],
  ['one is in use and one is not clean', { hosts: [on(slotIn('a', 'dirty')), on(held('b'))] }, 'slots_held'],
  ['none is in use and none is clean', { hosts: [on(slotIn('a', 'broken'))] }, 'slots_not_clean'],
  ['others are ahead', { rank: 2, hosts: [on(held('a'))] }, 'queue'],
  ['others are ahead, for the free one as well', { rank: 2, hosts: [on(free('a'))] }, 'queue'],
  ['a slot is free for it', { hosts: [on(free('a'))] }, 'being_served'],
  ['as many are free as are ahead of it', { rank: 2, hosts: [on(free('a')), on(free('b'))] }, 'being_served'],
  [
    'the free slot is not one that will be given away',
    { hosts: [on(free('a'), { state: 'draining' }), on(held('b'))] },
    'slots_held',
  ],
])('a lease waits because %s', (_title, seen, expected) => {
  expect(explain(seen).blocked).toBe(expected)
})

test.each<[string, Slot, Partial<Host>, HostExplanation['blocked']]>([
  ['a free slot', free('a'), {}, 'free'],
  ['its slots in use', held('a'), {}, 'slots_held'],
  ['no clean slot', slotIn('a', 'dirty'), {}, 'slots_not_clean'],
  ['been drained', slotIn('a', 'withheld'), { state: 'draining', reason: 'a new disk' }, 'draining'],
  ['failed too often', held('a'), { state: 'quarantined' }, 'quarantined'],
])('a host that has %s says so', (_title, slot, changes, expected) => {
  const [explained] = explain({ hosts: [on(slot, changes)] }).hosts

  expect(explained).toMatchObject({ host: 'a', blocked: expected, ...changes })
  expect('reason' in (explained ?? {})).toBe('reason' in changes)
})

test.each<[string, HoldingLease, object]>([
  ['acquired', acquired, { status: 'acquired', since: NOON }],
  [
    'active',
    active,
    { status: 'active', since: NOON, until: active.expiresAt, atMostUntil: active.maxExpiresAt },
  ],
  ['kept', kept, { status: 'kept', since: NOON, until: kept.holdUntil }],
  ['released', released, { status: 'released', since: NOON }],
])('who holds a slot is told with its times: %s', (_title, holder, expected) => {
  const { hosts } = explain({ hosts: [on(held('a'))] }, holder)

  const { id, tenant, owner } = holder
  expect(hosts[0]?.slots).toEqual([
    { number: 0, state: 'held', holder: { ...expected, lease: { id, tenant, owner } } },
  ])
})

test('one that ended before it was active has no beginning', () => {
  const ended = release(acquired, { reason: 'released' }, by).lease

  const { hosts } = explain({ hosts: [on(held('a'))] }, ended)

  expect(hosts[0]?.slots[0]?.holder).not.toHaveProperty('since')
})

test('those who may not know learn until when, and not who', () => {
  const { hosts } = explain({ hosts: [on(held('a'))], mayKnow: () => false })

  expect(hosts[0]?.slots[0]?.holder).toMatchObject({ status: 'active', until: active.expiresAt })
  expect(JSON.stringify(hosts)).not.toContain(active.owner)
  expect(JSON.stringify(hosts)).not.toContain(active.id)
})

test.each<[string, Lease | undefined]>([
  ['is not there', undefined],
  ['waits again', pending()],
])('a slot whose lease %s has no holder, and nobody knows when it comes back', (_title, holder) => {
  const holders = new Map(holder ? [['A', holder]] : [])

  const { hosts, ...explained } = explain({ hosts: [on(held('a'))], holders })

  expect(hosts[0]?.slots).toEqual([{ number: 0, state: 'held' }])
  expect(explained).not.toHaveProperty('expectedAt')
})

test.each<[string, Partial<PoolSeen>, number | undefined]>([
  ['the slot that is free: now', { hosts: [on(free('a')), on(held('b'))] }, 0],
  ['the slot that comes back', { hosts: [on(held('a'))] }, 10],
  ['one turn later', { rank: 2, hosts: [on(held('a'))] }, 20],
  ['none of a host that gives none', { hosts: [on(held('a'), { state: 'draining' })] }, undefined],
  ['none that is not clean', { hosts: [on(slotIn('a', 'dirty'))] }, undefined],
  ['none while its blueprint is disabled', { disabled: true, hosts: [on(free('a'))] }, undefined],
  ['none where holds are not known', { meanHold: undefined, hosts: [on(held('a'))] }, undefined],
])('its turn is expected with %s', (_title, seen, minutes) => {
  const { expectedAt } = explain(seen)

  expect(expectedAt).toBe(minutes === undefined ? undefined : NOON + minutes * MINUTE)
})

test('the mean hold is told where it is known', () => {
  expect(explain({}).meanHold).toBe(10 * MINUTE)
  expect(explain({ meanHold: undefined })).not.toHaveProperty('meanHold')
})
