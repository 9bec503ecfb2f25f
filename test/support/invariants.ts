import type { Item } from '../../lib/app/ports/table.ts'
import { text } from '../../lib/app/store/attributes.ts'
import { turnViolations } from './turn-invariants.ts'

/** What must hold whenever nobody is at work; each broken rule as a sentence. */
export function violations(items: readonly Item[]): readonly string[] {
  const of = (prefix: string, sort = '') =>
    items.filter((item) => item.PK.startsWith(prefix) && item.SK.startsWith(sort))
  const leases = of('L#', 'META')
  const living = leases.filter((lease) => lease['status'] !== 'destroyed')
  const slots = of('H#', 'S#')
  const found: string[] = []
  const rule = (sentence: string, holds: boolean) => {
    if (!holds) found.push(sentence)
  }

  const queues = of('Q#').filter((item) => !item.PK.startsWith('Q#land/'))
  const places = living.filter((lease) => lease['status'] === 'pending').flatMap(placesOf)
  rule(
    'places are exactly those of the pending leases, in their queues or beside them',
    same(
      queues.map((place) => `${place.PK} ${place.SK} ${text(place, 'lease')}`),
      places,
    ),
  )
  const timed = of('T#')
    .filter((timer) => timer['of'] === undefined)
    .map((timer) => timer['lease'])
  rule(
    'timers are one for each living lease',
    same(
      timed,
      living.map((lease) => lease['id']),
    ),
  )
  const works = [...of('BUILD#', 'META'), ...of('LAND#', 'META')]
  rule(
    'timers of work are one for each that has something left to do, as it says itself',
    same(
      of('T#')
        .filter((timer) => timer['of'] !== undefined)
        .map((timer) => `${text(timer, 'of')} ${text(timer, 'work')} ${Number(timer.SK.split('#')[0])}`),
      works
        .filter((work) => work['timer'] !== undefined)
        .map(
          (work) =>
            `${work.PK.startsWith('B') ? 'build' : 'landing'} ${text(work, 'id')} ${Number(work['timer'])}`,
        ),
    ),
  )
  for (const work of works) {
    const events = items.filter((item) => item.PK === work.PK && item.SK.startsWith('EV#'))
    rule(
      `the timeline of ${work.PK} is complete`,
      same(
        events.map((event) => event['version']),
        Array.from({ length: Number(work['ver']) }, (_, at) => at + 1),
      ),
    )
  }
  found.push(...turnViolations(items))
  const permitted = of('P#').map((permit) => permit['lease'])
  rule(
    'permits are one for each living lease',
    same(
      permitted,
      living.map((lease) => lease['id']),
    ),
  )
  const free = slots.filter((slot) => slot['state'] === 'free').map((slot) => slot['token'])
  rule(
    'free tokens are exactly those of the free slots',
    same(
      of('F#').map((token) => token.SK),
      free,
    ),
  )
  for (const slot of slots) {
    const host = items.find((item) => item.PK === slot.PK && item.SK === 'META')
    const gives = host?.['state'] === 'active'
    rule(`slot ${slot.PK} ${slot.SK} is offered as its host's state asks for`, slot['offered'] === gives)
    rule(
      `slot ${slot.PK} ${slot.SK} is free or withheld as its host's state asks for`,
      slot['state'] !== (gives ? 'withheld' : 'free'),
    )
  }
  for (const slot of slots.filter((one) => one['state'] === 'held')) {
    const lease = living.find((one) => one['id'] === slot['lease'])
    rule(`slot ${slot.PK} ${slot.SK} is held by a living lease`, lease !== undefined)
    rule(`slot ${slot.PK} ${slot.SK} and its lease agree on the epoch`, lease?.['epoch'] === slot['epoch'])
  }
  for (const lease of living.filter((one) => one['status'] !== 'pending')) {
    rule(
      `lease ${lease.PK} holds a slot`,
      slots.some((slot) => slot['lease'] === lease['id'] && slot['state'] === 'held'),
    )
  }
  const copies = of('H#', 'W#')
  const inUse = copies.filter((copy) => copy['state'] === 'pending' || copy['state'] === 'active')
  const copied = inUse.map((copy) => JSON.stringify([copy.PK, copy['number'], copy['name']]))
  rule('a slot has one copy of a name that is in use', new Set(copied).size === copied.length)
  for (const copy of copies) {
    rule(
      `working copy ${text(copy, 'id')} is on a slot that there is`,
      slots.some((slot) => slot.PK === copy.PK && slot['number'] === copy['number']),
    )
  }
  for (const lease of leases) {
    const events = items
      .filter((item) => item.PK === lease.PK && item.SK.startsWith('EV#'))
      .map((event) => event['version'])
    rule(
      `the timeline of ${lease.PK} is complete`,
      same(
        events,
        Array.from({ length: Number(lease['ver']) }, (_, at) => at + 1),
      ),
    )
  }
  return found
}

/** Where a waiting lease stands in each of its pools: in the queue, or beside it while its blueprint gives none. */
const placesOf = (lease: Item): readonly string[] =>
  Object.entries(lease['waiters'] as Readonly<Record<string, string>>).map(
    ([pool, key]) =>
      `Q#${pool} ${lease['parked'] === true ? key.replace(/^W/, 'X') : key} ${text(lease, 'id')}`,
  )

const same = (one: readonly unknown[], other: readonly unknown[]): boolean =>
  JSON.stringify([...one].map(String).toSorted()) === JSON.stringify([...other].map(String).toSorted())
