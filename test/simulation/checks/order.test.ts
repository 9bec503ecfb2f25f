import { expect, test } from 'vitest'
import type { Item } from '../../../lib/app/ports/table.ts'
import type { CommitEvent } from '../watch.ts'
import { textIn } from './entity.ts'
import { disabledGivesNothing } from './order/disabled.ts'
import { fairShare } from './order/fair-share.ts'
import { queueOrder } from './order/queue-order.ts'
import { requestOrder } from './order/request-order.ts'
import type { CreateRule } from './rule.ts'
import { isAcquisition } from './slots/epochs.ts'
import type { Breach } from './support/breaches.ts'
import { changing, inserting, placeOf, putting, setting, went } from './support/breaches.ts'
import type { Recorded } from './support/recorded.ts'
import { firstWith, isCommit, judge } from './support/recorded.ts'

interface Case {
  readonly name: string
  readonly rule: CreateRule
  readonly breach: Breach
  readonly tells: string
}

const firstPlace = placeOf(({ after }) => after?.PK.startsWith('Q#') === true)

const poolOfFirst = ({ after }: CommitEvent): string =>
  after.find((item) => item?.PK.startsWith('Q#'))?.PK ?? ''

/** Somebody who came before all others, and whom nobody ever serves. */
const passedOver: Breach = inserting(firstPlace, (at) =>
  putting({ PK: poolOfFirst(at), SK: 'W#000000000000000#nobody', lease: 'nobody', blueprint: 'any' }, at),
)

/** The second of two requests of one tenant, pool and priority gets a place before the first. */
const jumpingTheQueue: Breach = (recorded) => {
  const seen = new Map<string, string>()
  let reserved: { readonly tag: string; readonly base: number } | undefined
  const jumped = changing((change) => {
    const { of, before, after } = change
    if (!went(change, '', 'pending') || reserved) return undefined
    const waiters = Object.entries((after?.['waiters'] ?? {}) as Readonly<Record<string, string>>)
    const [pool = '', key = ''] = waiters[0] ?? []
    const line = `${textIn(after, 'tenant')} ${pool} ${Number(after?.['priority'])}`
    const earlier = seen.get(line)
    seen.set(line, key)
    if (earlier === undefined || before || of.kind !== 'lease' || waiters.length > 1) return undefined
    const base = Number(earlier.split('#')[1]) - 1
    reserved = { tag: pool, base: base + Number(after?.['priority']) * 600_000 }
    const place = `W#${String(base).padStart(15, '0')}#${of.lease}`
    return { after: setting(after, { waiters: { [pool]: place } }) }
  })(recorded)
  return jumped && reserving(jumped)
}

/** Lets every place that a lease stands at have been reserved by whoever made the lease. */
function reserving(recorded: Recorded): Recorded {
  const events = recorded.events.flatMap((event) => {
    const made = isCommit(event)
      ? event.after.find((item, at) => item?.SK === 'META' && item['waiters'] && !event.before[at])
      : undefined
    if (!isCommit(event) || !made) return [event]
    const priority = Number(made['priority'])
    const tags = Object.entries(made['waiters'] as Readonly<Record<string, string>>).map(
      ([pool, key]): Item => ({
        PK: `TEN#${textIn(made, 'tenant')}`,
        SK: `TAG#${pool}#${priority}`,
        base: Number(key.split('#')[1]) + priority * 600_000,
      }),
    )
    return [...tags.map((tag) => ({ ...putting(tag, event), process: event.process })), event]
  })
  return { ...recorded, events }
}

const CASES: readonly Case[] = [
  {
    name: 'a slot for one who has another before it and no token left for that one',
    rule: queueOrder,
    breach: passedOver,
    tells: '1 before it (nobody) were left with 0 free slots',
  },
  {
    name: 'a slot for one whose turn had not come by what was read',
    rule: queueOrder,
    breach: passedOver,
    tells: 'free slots, as they were read',
  },
  {
    name: 'a slot from somebody who did not read the queue',
    rule: queueOrder,
    breach: (recorded) => ({ ...recorded, events: recorded.events.filter(isCommit) }),
    tells: 'who had not read its queue',
  },
  {
    name: 'a place that goes back',
    rule: requestOrder,
    breach: changing(({ of, before, after }) =>
      of.kind === 'tag' && before && after ? { after: setting(after, { base: 1 }) } : undefined,
    ),
    tells: ' to 1',
  },
  {
    name: 'a place that was reserved for nobody',
    rule: requestOrder,
    breach: changing((change) =>
      went(change, '', 'pending')
        ? { after: setting(change.after, { waiters: { 'pool-0': 'W#000000000000001#any' } }) }
        : undefined,
    ),
    tells: 'that was not reserved for it',
  },
  {
    name: 'a later request that stands before an earlier one',
    rule: requestOrder,
    breach: jumpingTheQueue,
    tells: 'which came earlier',
  },
  {
    name: 'a place far behind the share of its tenant',
    rule: fairShare,
    breach: changing(({ of, after }) =>
      of.kind === 'tag' && after
        ? { after: setting(after, { base: Number(after['base']) + 3_600_000 }) }
        : undefined,
    ),
    tells: 'later than its share puts it',
  },
  {
    name: 'a place too close behind the last one of a flood',
    rule: fairShare,
    breach: (recorded) => {
      const measured = changing(
        ({ of, after }) =>
          of.kind === 'pool' && after
            ? { after: setting(after, { meanHold: 3_600_000, slots: 1 }) }
            : undefined,
        'all',
      )(recorded)
      return (
        measured &&
        changing(({ of, before, after }) => (of.kind === 'tag' && before ? { after } : undefined))(measured)
      )
    },
    tells: 'earlier than its share puts it',
  },
  {
    name: 'a place in the past',
    rule: fairShare,
    breach: changing(({ of, before, after }) =>
      of.kind === 'tag' && !before && after ? { after: setting(after, { base: 1 }) } : undefined,
    ),
    tells: 'ms in the past',
  },
  {
    name: 'a slot for a lease whose blueprint is disabled',
    rule: disabledGivesNothing,
    breach: changing(
      ({ of, after }) =>
        of.kind === 'blueprint' && after
          ? { after: setting(after, { disabled: { by: 'somebody' } }) }
          : undefined,
      'all',
    ),
    tells: 'was disabled',
  },
  {
    name: 'a slot for a lease that was set aside',
    rule: disabledGivesNothing,
    breach: changing(({ of, before, after }) =>
      of.kind === 'lease' && isAcquisition(before, after)
        ? { before: setting(before, { parked: true }) }
        : undefined,
    ),
    tells: 'while it was set aside',
  },
]

test.each(CASES)('caught: $name', async ({ rule, breach, tells }) => {
  const broken = await firstWith(breach)

  const found = judge(broken, [rule])

  expect(found.join('\n')).toContain(tells)
})
