import { isDeepStrictEqual } from 'node:util'
import type { Item } from '../../../../lib/app/ports/table.ts'
import type { Final } from '../../watch.ts'
import { entityOf, isLiving, slotIn, statusOf, textIn } from '../entity.ts'
import type { CreateRule } from '../rule.ts'

const kindOf = (item: Item): string => entityOf(item).kind

const of = ({ items }: Final, kind: string): readonly Item[] => items.filter((item) => kindOf(item) === kind)

export const everyLeaseEnds: CreateRule = () => ({
  says: 'in the end every lease is destroyed, with a reason',
  *ended(final) {
    for (const lease of of(final, 'lease')) {
      if (isLiving(lease)) yield `lease ${textIn(lease, 'id')} is ${statusOf(lease)} in the end`
      else if (textIn(lease, 'reason') === '') yield `lease ${textIn(lease, 'id')} ended and nobody says why`
    }
  },
})

export const noSlotIsLost: CreateRule = () => ({
  says: 'in the end every slot is free, or withheld where its host gives no leases',
  *ended(final) {
    const active = new Set(
      of(final, 'host')
        .filter((host) => host['state'] === 'active')
        .map((host) => host['name']),
    )
    for (const slot of of(final, 'slot')) {
      const wanted = active.has(slot['host'] ?? '') ? 'free' : 'withheld'
      if (slot['state'] === wanted) continue
      yield `slot ${slotIn(slot)} is ${textIn(slot, 'state')} in the end, not ${wanted}`
    }
  },
})

export const nothingIsLeft: CreateRule = () => ({
  says: 'in the end no waiter, timer, permit or token is left that tells of nothing',
  *ended(final) {
    const living = new Set(
      of(final, 'lease')
        .filter((lease) => isLiving(lease))
        .map((lease) => lease['id']),
    )
    for (const kind of ['waiter', 'timer', 'permit']) {
      for (const item of of(final, kind)) {
        if (!living.has(textIn(item, 'lease'))) yield `${kind} ${item.PK} ${item.SK} is left`
      }
    }
    const free = new Set(
      of(final, 'slot')
        .filter((slot) => slot['state'] === 'free')
        .map((slot) => slot['token']),
    )
    for (const token of of(final, 'token'))
      if (!free.has(token.SK)) yield `token ${token.PK} ${token.SK} is left`
  },
})

/** What the rules looked at was the whole of it. */
export const historyIsWhole: CreateRule = ({ shadow }) => ({
  says: 'the rules have seen every change of every lease and slot',
  *ended(final) {
    for (const [kind, known, name] of [
      ['lease', shadow.leases, (item: Item) => textIn(item, 'id')],
      ['slot', shadow.slots, slotIn],
    ] as const) {
      const items = of(final, kind)
      if (items.length !== known.size)
        yield `there are ${items.length} of ${kind} and ${known.size} were seen`
      for (const item of items) {
        if (!isDeepStrictEqual(known.get(name(item)), item))
          yield `${kind} ${name(item)} is not as it was seen last`
      }
    }
  },
})
