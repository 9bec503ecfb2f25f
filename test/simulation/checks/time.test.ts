import { expect, test } from 'vitest'
import type { CreateRule } from './rule.ts'
import type { Breach } from './support/breaches.ts'
import { changing, delaying, inserting, placeOf, putting, setting } from './support/breaches.ts'
import { firstWith, isCommit, judge } from './support/recorded.ts'
import { stepsFollowAtOnce } from './time/awakening.ts'
import { noCoexistence } from './time/coexistence.ts'
import { deadlinesAreKept } from './time/deadlines.ts'
import { slotsFollowTheirHost } from './time/offers.ts'
import { parkedComeBack } from './time/parking.ts'

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
]

test.each(CASES)('caught: $name', async ({ rule, breach, tells }) => {
  const broken = await firstWith(breach)

  const found = judge(broken, [rule])

  expect(found.join('\n')).toContain(tells)
})
