import { expect, test } from 'vitest'
import type { Conditions, Final } from '../watch.ts'
import type { CreateRule } from './rule.ts'
import type { Breach } from './support/breaches.ts'
import {
  changing,
  delaying,
  endingWith,
  inserting,
  leavingOut,
  placeOf,
  putting,
  setting,
} from './support/breaches.ts'
import { firstWith, isCommit, judge } from './support/recorded.ts'
import { everyLeaseEnds, historyIsWhole, noSlotIsLost, nothingIsLeft } from './rest/rest.ts'
import { stepsFollowAtOnce } from './time/awakening.ts'
import { noCoexistence } from './time/coexistence.ts'
import { deadlinesAreKept } from './time/deadlines.ts'
import { slotsFollowTheirHost } from './time/offers.ts'
import { parkedComeBack } from './time/parking.ts'
import { tooLate } from './time/patience.ts'

interface Case {
  readonly name: string
  readonly rule: CreateRule
  readonly breach: Breach
  readonly tells: string
}

const freed = placeOf(({ after }) => after?.PK.startsWith('F#') === true)

/** A waiter that nobody sees, in the pool of the first free slot. */
const unseenWaiter: Breach = inserting(freed, (at) => {
  const pool = at.after.find((item) => item?.PK.startsWith('F#'))?.PK.slice(2) ?? ''
  return putting({ PK: `Q#${pool}`, SK: 'W#000000000000000#nobody', lease: 'nobody' }, at)
})

const ended = (reason: string) =>
  placeOf(({ before, after }) => after?.SK === 'META' && after['reason'] === reason && !before?.['reason'])

const destroyedFrom = (status: string) =>
  placeOf(({ before, after }) => before?.['status'] === status && after?.['status'] === 'destroyed')

/** Nobody looks at leases but whoever comes by a timer. */
const unawakened: Breach = (recorded) => ({
  ...recorded,
  events: recorded.events.filter(
    (event) => isCommit(event) || !/^(?:decide|activate|destroy)#/.test(event.process),
  ),
})

const CASES: readonly Case[] = [
  {
    name: 'a waiter beside a free slot, all the time',
    rule: noCoexistence,
    breach: unseenWaiter,
    tells: 'lease nobody waits beside a free slot of pool-',
  },
  {
    name: 'a waiter beside a free slot, for longer than a handler is at work',
    rule: noCoexistence,
    breach: unseenWaiter,
    tells: 'ms with nothing wrong',
  },
  {
    name: 'an expiry that nobody acts on for ten seconds',
    rule: deadlinesAreKept,
    breach: delaying(ended('expired'), 10_000),
    tells: 'was usable past its expiry',
  },
  {
    name: 'an end of the wait that nobody acts on for ten seconds',
    rule: deadlinesAreKept,
    breach: delaying(ended('wait_timeout'), 10_000),
    tells: 'waited past its deadline',
  },
  {
    name: 'a cleaning that takes a minute',
    rule: deadlinesAreKept,
    breach: delaying(destroyedFrom('released'), 60_000),
    tells: 'was not cleaned up',
  },
  {
    name: 'an execution that nobody awakens',
    rule: stepsFollowAtOnce,
    breach: unawakened,
    tells: 'until its execution looked',
  },
  {
    name: 'a host that is drained while its slots are offered',
    rule: slotsFollowTheirHost,
    breach: changing(
      ({ of, after }) =>
        of.kind === 'host' && after ? { after: setting(after, { state: 'draining' }) } : undefined,
      'all',
    ),
    tells: 'does not follow its host in the end',
  },
  {
    name: 'a lease that stays set aside with its blueprint enabled',
    rule: parkedComeBack,
    breach: changing(
      ({ of, after }) =>
        of.kind === 'lease' && after?.['status'] === 'pending'
          ? { after: setting(after, { parked: true }) }
          : undefined,
      'all',
    ),
    tells: 'stayed set aside',
  },
  {
    name: 'a lease that lives in the end',
    rule: everyLeaseEnds,
    breach: endingWith(({ items }) =>
      items.map((item) => (item['status'] === 'destroyed' ? setting(item, { status: 'active' }) : item)),
    ),
    tells: 'is active in the end',
  },
  {
    name: 'a lease that ended for no reason',
    rule: everyLeaseEnds,
    breach: endingWith(({ items }) => items.map((item) => setting(item, { reason: undefined }))),
    tells: 'nobody says why',
  },
  {
    name: 'a slot that is lost',
    rule: noSlotIsLost,
    breach: endingWith(({ items }) =>
      items.map((item) => (item['state'] === 'free' ? setting(item, { state: 'dirty' }) : item)),
    ),
    tells: 'is dirty in the end, not free',
  },
  {
    name: 'a slot that is free on a host that gives no leases',
    rule: noSlotIsLost,
    breach: endingWith(({ items }) =>
      items.map((item) => (item['state'] === 'active' ? setting(item, { state: 'disabled' }) : item)),
    ),
    tells: 'is free in the end, not withheld',
  },
  ...['Q#pool-0', 'T#1', 'P#tenant-0'].map((PK) => ({
    name: `${PK} holds something of a lease that is gone`,
    rule: nothingIsLeft,
    breach: endingWith(({ items }) => [...items, { PK, SK: '000000000000001#nobody', lease: 'nobody' }]),
    tells: `${PK} 000000000000001#nobody is left`,
  })),
  {
    name: 'a token of a slot that is gone',
    rule: nothingIsLeft,
    breach: endingWith(({ items }) => [...items, { PK: 'F#pool-0', SK: 'any', host: 'gone', number: 0 }]),
    tells: 'token F#pool-0 any is left',
  },
  {
    name: 'a commit that the rules have not seen',
    rule: historyIsWhole,
    breach: leavingOut(destroyedFrom('released')),
    tells: 'is not as it was seen last',
  },
]

test.each(CASES)('caught: $name', async ({ rule, breach, tells }) => {
  const broken = await firstWith(breach)

  const found = judge(broken, [rule])

  expect(found.join('\n')).toContain(tells)
})

const CALM_FROM = 1_000_000
const storm: Conditions & Pick<Final, 'sweeps'> = {
  seed: 1,
  profile: 'storm',
  calmFrom: CALM_FROM,
  skew: 5_000,
  sweeps: [],
}
const late = { what: 'something went on', from: 0, until: 500_000, allowed: 2_000, timer: 30_000 }

test('while faults strike nobody knows how long anything takes', () => {
  const said = tooLate(late, storm)

  expect(said).toBeUndefined()
})

test.each([
  ['a whole sweep that came after the timer has put it right', 100_000, true, 'through a whole sweep'],
  ['a sweep that was disturbed has not', 100_000, false, undefined],
  ['a sweep from before the timer has not', 20_000, true, undefined],
] as const)('%s', (_, startedAt, whole, expected) => {
  const said = tooLate(late, { ...storm, sweeps: [{ startedAt, endedAt: startedAt + 1_000, whole }] })

  if (expected === undefined) expect(said).toBeUndefined()
  else expect(said).toContain(expected)
})

test.each([
  ['120 s after the last fault it must be over', CALM_FROM + 160_000, 'after the last fault'],
  ['before that it need not', CALM_FROM + 140_000, undefined],
] as const)('%s', (_, until, expected) => {
  const said = tooLate({ ...late, until }, storm)

  if (expected === undefined) expect(said).toBeUndefined()
  else expect(said).toContain(expected)
})
