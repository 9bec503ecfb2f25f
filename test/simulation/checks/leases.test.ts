import { expect, test } from 'vitest'
import { leasesFollowTheirStates, marksAreUnique } from './leases/states.ts'
import { oneLeasePerKey } from './leases/idempotency.ts'
import { onePermit, quotasHold } from './leases/permits.ts'
import { oneEventPerVersion, timelinesTellTheStory } from './leases/timelines.ts'
import { oneTimer } from './leases/timers.ts'
import { waitersArePendingLeases, waitersNameTheirLease } from './leases/waiters.ts'
import type { CreateRule } from './rule.ts'
import type { Breach } from './support/breaches.ts'
import { changing, setting, went } from './support/breaches.ts'
import { firstWith, judge } from './support/recorded.ts'

interface Case {
  readonly name: string
  readonly rule: CreateRule
  readonly breach: Breach
  readonly tells: string
}

const CASES: readonly Case[] = [
  {
    name: 'a waiter that is left when its lease got a slot',
    rule: waitersArePendingLeases,
    breach: changing(({ of, before, after }) =>
      of.kind === 'waiter' && before && !after ? { after: before } : undefined,
    ),
    tells: 'and stands at [Q#',
  },
  {
    name: 'a pending lease that stands nowhere',
    rule: waitersArePendingLeases,
    breach: changing(
      ({ of, after }) => (of.kind === 'waiter' && after ? { after: undefined } : undefined),
      'all',
    ),
    tells: 'is pending and stands at []',
  },
  {
    name: 'a lease that is set aside and stands in the queue',
    rule: waitersArePendingLeases,
    breach: changing((change) =>
      went(change, '', 'pending') ? { after: setting(change.after, { parked: true }) } : undefined,
    ),
    tells: 'not at [Q#',
  },
  {
    name: 'a waiter that names another lease',
    rule: waitersNameTheirLease,
    breach: changing(({ of, after }) =>
      of.kind === 'waiter' && after ? { after: setting(after, { lease: 'somebody' }) } : undefined,
    ),
    tells: 'names lease somebody',
  },
  {
    name: 'a lease for five pools',
    rule: waitersNameTheirLease,
    breach: changing((change) =>
      went(change, '', 'pending')
        ? { after: setting(change.after, { pools: ['a', 'b', 'c', 'd', 'e'] }) }
        : undefined,
    ),
    tells: 'asks for 5 pools',
  },
  {
    name: 'a lease without a timer',
    rule: oneTimer,
    breach: changing(({ of, after }) => (of.kind === 'timer' && after ? { after: undefined } : undefined)),
    tells: 'has timers []',
  },
  {
    name: 'a timer that is left of a lease that is gone',
    rule: oneTimer,
    breach: changing(({ of, before }, commit) =>
      of.kind === 'timer' && before && commit.after.some((item) => item?.['status'] === 'destroyed')
        ? { after: before }
        : undefined,
    ),
    tells: 'is destroyed, has timers [1',
  },
  {
    name: 'a lease without a permit',
    rule: onePermit,
    breach: changing(({ of, after }) => (of.kind === 'permit' && after ? { after: undefined } : undefined)),
    tells: 'has permits []',
  },
  {
    name: 'a permit that is kept for ever',
    rule: onePermit,
    breach: changing(({ of, before, after }) =>
      of.kind === 'permit' && before && !after ? { after: before } : undefined,
    ),
    tells: 'is destroyed and has permits [P#',
  },
  {
    name: 'more living leases than the quota',
    rule: quotasHold,
    breach: changing(
      ({ of, after }) =>
        of.kind === 'tenant' && after ? { after: setting(after, { leases: 1 }) } : undefined,
      'all',
    ),
    tells: ' of 1',
  },
  {
    name: 'a key that makes a second lease',
    rule: oneLeasePerKey,
    breach: changing(({ of, after }) =>
      of.kind === 'idempotency' && after && typeof after['lease'] === 'string'
        ? { before: setting(after, { lease: 'another' }) }
        : undefined,
    ),
    tells: 'made lease another and then',
  },
  {
    name: 'a lease that no key remembers',
    rule: oneLeasePerKey,
    breach: changing(({ of, after }) =>
      of.kind === 'idempotency' && after ? { after: undefined } : undefined,
    ),
    tells: 'no key remembers it',
  },
  {
    name: 'a transition without an event',
    rule: oneEventPerVersion,
    breach: changing(({ of, after }) => (of.kind === 'event' && after ? { after: undefined } : undefined)),
    tells: 'and has events []',
  },
  {
    name: 'an event that is written again',
    rule: oneEventPerVersion,
    breach: changing(({ of, after }) => (of.kind === 'event' && after ? { before: after } : undefined)),
    tells: 'was written again',
  },
  {
    name: 'two versions at once',
    rule: oneEventPerVersion,
    breach: changing((change) =>
      went(change, 'pending', 'acquired') ? { after: setting(change.after, { ver: 9 }) } : undefined,
    ),
    tells: 'versions at once',
  },
  {
    name: 'an event that tells of another transition',
    rule: timelinesTellTheStory,
    breach: changing(({ of, after }) =>
      of.kind === 'event' && after?.['type'] === 'acquired'
        ? { after: setting(after, { type: 'activated' }) }
        : undefined,
    ),
    tells: 'says activated where it became acquired',
  },
  {
    name: 'an event that names another slot',
    rule: timelinesTellTheStory,
    breach: changing(({ of, after }) =>
      of.kind === 'event' && after?.['type'] === 'acquired'
        ? { after: setting(after, { detail: { host: 'elsewhere', slot: 0, epoch: 1 } }) }
        : undefined,
    ),
    tells: 'names another slot than it acquired',
  },
  {
    name: 'a transition that the design does not draw',
    rule: leasesFollowTheirStates,
    breach: changing((change) =>
      went(change, 'acquired', 'active') ? { after: setting(change.after, { status: 'kept' }) } : undefined,
    ),
    tells: 'from acquired to kept',
  },
  {
    name: 'a transition without a version',
    rule: leasesFollowTheirStates,
    breach: changing((change) =>
      went(change, 'acquired', 'active')
        ? { after: setting(change.after, { ver: change.before?.['ver'] }) }
        : undefined,
    ),
    tells: 'without a new version',
  },
  {
    name: 'two transitions with one mark',
    rule: marksAreUnique,
    breach: changing(
      ({ of, after }) =>
        of.kind === 'lease' && after ? { after: setting(after, { opId: 'one' }) } : undefined,
      'all',
    ),
    tells: 'has the mark of an earlier transition',
  },
]

test.each(CASES)('caught: $name', async ({ rule, breach, tells }) => {
  const broken = await firstWith(breach)

  const found = judge(broken, [rule])

  expect(found.join('\n')).toContain(tells)
})
