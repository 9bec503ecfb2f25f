import type { Item } from '../../../lib/app/ports/table.ts'
import { slotOf } from '../../../lib/app/store/slot-item.ts'
import { violations } from '../../support/invariants.ts'

/** What a table at rest must not hold any more, and what of each slot must be there. */
export function leaks(items: readonly Item[], slots: number): readonly string[] {
  const leftovers = Object.entries(TRANSIENT).flatMap(([prefix, what]) =>
    items.filter(({ PK }) => PK.startsWith(prefix)).map(({ PK, SK }) => `${what} is left: ${PK} ${SK}`),
  )
  const states = slotsOf(items).map(({ host, number, state }) => ({ name: `${host}/${number}`, state }))
  const taken = states
    .filter(({ state }) => state !== 'free')
    .map(({ name, state }) => `slot ${name} is ${state}, not free`)
  const counted = states.length === slots ? [] : [`there are ${states.length} slots, not ${slots}`]
  const running = items
    .filter((item) => isPartOf(item, 'L#', 'CMD#') && item['status'] !== 'ended')
    .map(({ PK, SK }) => `command ${PK} ${SK} has not ended`)
  return [...leftovers, ...taken, ...counted, ...running, ...violations(items)]
}

const TRANSIENT = { 'Q#': 'a waiter', 'T#': 'a timer', 'P#': 'a permit' } as const

/** Nobody has anything to do: every lease is destroyed, every command has ended, every slot is free. */
export const isAtRest = (items: readonly Item[]): boolean =>
  slotsOf(items).every(({ state }) => state === 'free') &&
  items.every((item) => !isPartOf(item, 'L#', 'META') || item['status'] === 'destroyed') &&
  items.every((item) => !isPartOf(item, 'L#', 'CMD#') || item['status'] === 'ended') &&
  !items.some(({ PK }) => PK.startsWith('T#'))

const slotsOf = (items: readonly Item[]) => items.filter((item) => isPartOf(item, 'H#', 'S#')).map(slotOf)

const isPartOf = ({ PK, SK }: Item, whose: string, what: string): boolean =>
  PK.startsWith(whose) && SK.startsWith(what)
