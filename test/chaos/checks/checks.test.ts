import { expect, test } from 'vitest'
import type { Item } from '../../../lib/app/ports/table.ts'
import type { TimelineEvent } from '../../../lib/domain/lease.ts'
import type { JobReport } from '../clients/report.ts'
import { ends } from './ends.ts'
import { holdingsOf } from './holdings.ts'
import { keys } from './keys.ts'
import { inversions } from './order.ts'
import { overlaps } from './overlaps.ts'
import { isAtRest, leaks } from './rest.ts'
import { storiesOf } from './story.ts'

const POOL = 'linux'

/** What the table holds of a destroyed lease with that place in the queue and those transitions. */
function written(id: string, place: string, moves: readonly (readonly [string, number, object?])[]): Item[] {
  const waiters = { [POOL]: place }
  const meta = { status: 'destroyed', reason: 'released', id, waiters, ver: moves.length, ttlMs: 0 }
  const events = moves.map(([type, at, detail = {}], index): TimelineEvent => ({
    version: index + 1,
    at,
    type,
    actor: 'somebody',
    detail: { ...detail },
  }))
  return [
    { PK: `L#${id}`, SK: 'META', ...meta },
    ...events.map((event) => ({ PK: `L#${id}`, SK: `EV#00000${event.version}`, ...event })),
  ]
}

const on = (slot: number, epoch: number) => ({ host: 'alpha', slot, epoch })
const life = (id: string, place: string, { slot = 1, epoch = 1, from = 0, to = 0 }): Item[] =>
  written(id, place, [
    ['created', 0],
    ['acquired', from, on(slot, epoch)],
    ['released', to],
    ['destroyed', to],
  ])

const overlapsOf = (items: readonly Item[]) => overlaps(holdingsOf(storiesOf(items)))
const inversionsOf = (items: readonly Item[], slots: number, standsFrom = 1) => {
  const stories = storiesOf(items)
  const stands = new Map(stories.map(({ lease }) => [lease.id, standsFrom]))
  return inversions(stories, holdingsOf(stories), { pool: POOL, slots, standsFrom: stands })
}
const report = (more: Partial<JobReport>): JobReport => ({
  key: 'k',
  leases: ['A'],
  tokens: 1,
  standsFrom: 1,
  repeated: 0,
  replayed: 0,
  failed: {},
  end: 'released',
  ...more,
})

test('a slot that goes from one lease to the next in one moment is no overlap', () => {
  const items = [
    ...life('A', 'a', { epoch: 1, from: 10, to: 20 }),
    ...life('B', 'b', { epoch: 2, from: 20, to: 30 }),
  ]

  expect(overlapsOf(items)).toEqual([])
})

test.for([
  ['is given before it was cleaned', { epoch: 2, from: 19, to: 30 }],
  ['is given without a new epoch', { epoch: 1, from: 21, to: 30 }],
] as const)('a slot that %s is found', ([, second]) => {
  const items = [...life('A', 'a', { epoch: 1, from: 10, to: 20 }), ...life('B', 'b', second)]

  expect(overlapsOf(items)).toHaveLength(1)
})

test('a lease that went back into the queue had each of its slots only until then', () => {
  const twice = written('A', 'a', [
    ['created', 0],
    ['acquired', 10, on(1, 1)],
    ['requeued', 20],
    ['acquired', 30, on(2, 1)],
    ['destroyed', 40],
  ])

  const holdings = holdingsOf(storiesOf([...twice, ...life('B', 'b', { epoch: 2, from: 20, to: 30 })]))

  expect(holdings).toMatchObject([
    { slot: 'alpha/1', from: 10, to: 20 },
    { slot: 'alpha/2', from: 30, to: 40 },
    { slot: 'alpha/1', from: 20, to: 30 },
  ])
  expect(overlaps(holdings)).toEqual([])
})

const passed = [
  ...life('A', 'a', { slot: 1, epoch: 2, from: 30, to: 40 }),
  ...life('B', 'b', { slot: 1, epoch: 1, from: 10, to: 30 }),
]

test.for([
  ['somebody who stood nearer to the head', 1, 1, 1],
  ['somebody for whom another slot was free', 2, 1, 0],
  ['somebody who did not stand in the queue yet', 1, 15, 0],
] as const)('a slot given past %s', ([, slots, standsFrom, found]) => {
  expect(inversionsOf(passed, slots, standsFrom)).toHaveLength(found)
})

test.for([
  ['made two leases', { leases: ['A', 'B'] }],
  ['was answered with two tokens', { tokens: 2 }],
  ['made a lease that is not there', { leases: ['C'] }],
  ['made none', { leases: [] }],
] as const)('a key that %s is found', ([, more]) => {
  const stories = storiesOf(life('A', 'a', {}))

  expect(keys(stories, [report({})])).toEqual([])
  expect(keys(stories, [report(more)])).not.toEqual([])
})

test('a lease that is not destroyed, or for another reason, is found', () => {
  const [meta, ...events] = life('A', 'a', {})
  const active = { ...meta, status: 'active' } as Item

  expect(ends(storiesOf(life('A', 'a', {})), ['released'])).toEqual([])
  expect(ends(storiesOf(life('A', 'a', {})), ['expired'])).toHaveLength(1)
  expect(ends(storiesOf([active, ...events]), ['released'])).toHaveLength(1)
})

const slot = { host: 'alpha', number: 1, pool: POOL, state: 'free', token: 't', epoch: 1, offered: true }
const free: Item[] = [
  { PK: 'H#alpha', SK: 'META', name: 'alpha', pool: POOL, state: 'active' },
  { PK: 'H#alpha', SK: 'S#001', ...slot },
  { PK: `F#${POOL}`, SK: 't' },
]

test.for([
  ['a waiter', { PK: `Q#${POOL}`, SK: 'W#1', lease: 'A' }],
  ['a timer', { PK: 'T#1', SK: '1#A', lease: 'A' }],
  ['a permit', { PK: 'P#red', SK: '1', lease: 'A' }],
  ['a token', { PK: `F#${POOL}`, SK: 'u' }],
  ['a command', { PK: 'L#A', SK: 'CMD#0001', status: 'running' }],
] as const)('%s that is left over is found', ([, left]) => {
  expect(leaks(free, 1)).toEqual([])
  expect(leaks([...free, left], 1)).not.toEqual([])
})

test('a slot that is not free, or not there, is found, and is no rest', () => {
  const dirty: Item[] = [{ PK: 'H#alpha', SK: 'S#001', ...slot, state: 'dirty' }]

  expect(leaks(dirty, 1)).not.toEqual([])
  expect(leaks(free, 2)).not.toEqual([])
  expect([isAtRest(free), isAtRest(dirty)]).toEqual([true, false])
})
