import type { Item } from '../../lib/app/ports/table.ts'
import { text } from '../../lib/app/store/attributes.ts'

const HOLDING: ReadonlySet<unknown> = new Set(['leasing', 'merging', 'verifying', 'pushing', 'ending'])

/** What must hold of branches' turns whenever nobody is at work; each broken rule as a sentence. */
export function turnViolations(items: readonly Item[]): readonly string[] {
  const found: string[] = []
  const landings = items.filter((item) => item.PK.startsWith('LAND#') && item.SK === 'META')
  const turns = items.filter((item) => item.PK.startsWith('Q#land/'))
  const held = turns.filter((item) => item.SK === 'TURN' && item['holder'] !== undefined)
  const places = turns.filter((item) => item.SK.startsWith('W#'))
  const waiting = landings.filter((landing) => landing['status'] === 'queued')
  const holding = landings.filter((landing) => HOLDING.has(landing['status']))
  if (
    !same(
      places.map((place) => text(place, 'landing')),
      idsOf(waiting),
    )
  ) {
    found.push('places in the queues of branches are exactly those of the queued landings')
  }
  if (
    !same(
      held.map((turn) => text(turn, 'holder')),
      idsOf(holding),
    )
  ) {
    found.push('turns are held by exactly the landings that are at work')
  }
  for (const place of places) {
    if (!held.some((turn) => turn.PK === place.PK))
      found.push(`${place.PK} is free while somebody waits for it`)
  }
  return found
}

const idsOf = (landings: readonly Item[]): readonly string[] => landings.map((landing) => text(landing, 'id'))

const same = (one: readonly string[], other: readonly string[]): boolean =>
  JSON.stringify(one.toSorted()) === JSON.stringify(other.toSorted())
