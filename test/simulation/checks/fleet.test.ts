import { expect, test } from 'vitest'
import type { Item } from '../../../lib/app/ports/table.ts'
import { textIn } from './entity.ts'
import { capacityHolds } from './fleet/capacity.ts'
import { hostsLeave } from './fleet/leaving.ts'
import { lossIsTold } from './fleet/loss.ts'
import { changedIn, pausesEnd } from './fleet/pauses.ts'
import { poolsAreKnown } from './fleet/pools.ts'
import { sickHostsRest } from './fleet/sick-hosts.ts'
import { triedElsewhere } from './order/elsewhere.ts'
import type { CreateRule } from './rule.ts'
import type { Breach } from './support/breaches.ts'
import { changing, delaying, placeOf, setting, went } from './support/breaches.ts'
import { firstWith, isCommit, judge, record } from './support/recorded.ts'

interface Case {
  readonly name: string
  readonly rule: CreateRule
  readonly breach: Breach
  readonly tells: string
}

const isHost = (item: Item | undefined): item is Item =>
  item?.PK.startsWith('H#') === true && item.SK === 'META'

const broughtBackBy = (name: string, before: Item | undefined, after: Item | undefined): boolean =>
  isHost(after) &&
  before?.['state'] !== 'active' &&
  after['state'] === 'active' &&
  changedIn(after).by === name

const isQuarantined = (before: Item | undefined, after: Item | undefined): boolean =>
  isHost(after) &&
  before?.['state'] === 'active' &&
  after['state'] === 'quarantined' &&
  changedIn(after).by === 'execution'

/** A host comes back a second after its leases had it quarantined. */
const cameBackAtOnce: Breach = (recorded) => {
  let quarantined: { readonly host: string; readonly at: number } | undefined
  let done = false
  const events = recorded.events.map((event) => {
    if (!isCommit(event) || done) return event
    for (const [index, after] of event.after.entries()) {
      const before = event.before[index]
      if (isQuarantined(before, after)) quarantined = { host: after?.PK ?? '', at: event.at }
      if (!quarantined || after?.PK !== quarantined.host || !broughtBackBy('probe', before, after)) continue
      done = true
      return { ...event, at: quarantined.at + 1_000 }
    }
    return event
  })
  return done ? { ...recorded, events } : undefined
}

const CASES: readonly Case[] = [
  {
    name: 'a slot too many',
    rule: capacityHolds,
    breach: changing(({ of, after }) =>
      of.kind === 'slot' && after ? { after: setting(after, { number: 99 }) } : undefined,
    ),
    tells: 'is there, and its host has',
  },
  {
    name: 'a capacity that is less than the slots that are there',
    rule: capacityHolds,
    breach: changing(
      ({ of, before, after }) =>
        of.kind === 'host' && before && after ? { after: setting(after, { capacity: 0 }) } : undefined,
      'all',
    ),
    tells: 'beyond them',
  },
  {
    name: 'a host that is taken apart and was not removed',
    rule: hostsLeave,
    breach: changing(
      ({ of, before, after }) =>
        of.kind === 'host' && after?.['state'] === 'destroyed'
          ? { before, after: setting(after, { state: 'draining' }) }
          : undefined,
      'all',
    ),
    tells: 'is gone, and its host is not leaving',
  },
  {
    name: 'a host that is gone long after it might have been',
    rule: hostsLeave,
    breach: delaying(
      placeOf(({ before, after }) => isHost(before) && after === undefined),
      200_000,
    ),
    tells: 'had left and was still there',
  },
  {
    name: 'a drain that ends before its time',
    rule: pausesEnd,
    breach: changing(
      ({ of, after }) =>
        of.kind === 'host' && changedIn(after).until !== undefined
          ? { after: setting(after, { changed: { ...changedIn(after), until: Number.MAX_SAFE_INTEGER } }) }
          : undefined,
      'all',
    ),
    tells: 'too early',
  },
  {
    name: 'a drain that goes on after its time',
    rule: pausesEnd,
    breach: delaying(
      placeOf(({ before, after }) => broughtBackBy('sweep', before, after)),
      200_000,
    ),
    tells: 'was away past its time',
  },
  {
    name: 'a lease that uses the slot of a lost host on and on',
    rule: lossIsTold,
    breach: delaying(
      placeOf(({ before, after }) => before?.['status'] === 'active' && after?.['reason'] === 'host_lost'),
      20_000,
    ),
    tells: 'had a slot of a lost host',
  },
  {
    name: 'a pool that nobody knows',
    rule: poolsAreKnown,
    breach: changing(
      ({ of, after }) => (of.kind === 'pool' && after ? { after: undefined } : undefined),
      'all',
    ),
    tells: 'is not in the registry',
  },
  {
    name: 'a sick host that comes back at once',
    rule: sickHostsRest,
    breach: cameBackAtOnce,
    tells: 'came back after 1000 ms',
  },
  {
    name: 'a sick host that nobody quarantines',
    rule: sickHostsRest,
    breach: changing(
      ({ of, before, after }) =>
        of.kind === 'host' && isQuarantined(before, after)
          ? { after: setting(before, { failuresInARow: after?.['failuresInARow'] }) }
          : undefined,
      'all',
    ),
    tells: 'after it had failed enough of them',
  },
  {
    name: 'a lease that is given to the host that has failed it',
    rule: triedElsewhere,
    breach: changing((change) => {
      if (!went(change, 'pending', 'acquired')) return undefined
      const host = textIn(change.after?.['slot'] as Item | undefined, 'host')
      return { after: setting(change.after, { failures: [{ host }] }) }
    }, 'all'),
    tells: 'had a free one',
  },
]

test.each(CASES)('caught: $name', async ({ rule, breach, tells }) => {
  const broken = await firstWith((recorded) => {
    const altered = breach(recorded)
    return altered && judge(altered, [rule]).length > 0 ? altered : undefined
  })

  const found = judge(broken, [rule])

  expect(judge(await whole(broken.conditions.seed), [rule])).toEqual([])
  expect(found.join('\n')).toContain(tells)
})

/** The same run as it was. */
const whole = async (seed: number) => record(seed, 'calm')
