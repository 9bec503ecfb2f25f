import type { Item } from '../../../lib/app/ports/table.ts'
import { textIn } from '../checks/entity.ts'
import { slotName } from './holdings.ts'
import type { SimulatedHosts } from './hosts.ts'

/**
 * P2: once a lease is active, nothing of another one runs on its slot; and a slot is given away only after its host has
 * confirmed that nothing is left of whoever had it.
 */
export function judgeOccupancy(
  { strangers }: Pick<SimulatedHosts, 'strangers'>,
  before: Item | undefined,
  after: Item | undefined,
  broken: (sentence: string) => void,
): void {
  if (becameActive(before, after)) {
    const place = after['slot'] as { readonly host: string; readonly number: number }
    const slot = slotName(place.host, place.number)
    for (const stranger of strangers(slot, Number(after['epoch'])))
      broken(`P2: lease ${textIn(after, 'id')} became active on ${slot} while there ran ${stranger}`)
  }
  if (isGivenAway(before, after)) {
    const slot = slotName(textIn(after, 'host'), Number(after['number']))
    for (const stranger of strangers(slot, Number.NaN))
      broken(`P2: slot ${slot} was given away while there ran ${stranger}`)
  }
}

const becameActive = (before: Item | undefined, after: Item | undefined): after is Item =>
  after?.SK === 'META' && after['status'] === 'active' && before?.['status'] === 'acquired'

/** It goes to the next lease, or to whoever comes first. */
function isGivenAway(before: Item | undefined, after: Item | undefined): after is Item {
  if (!before || after?.SK.startsWith('S#') !== true || before['state'] === 'free') return false
  return after['state'] === 'free' || (after['state'] === 'held' && after['lease'] !== before['lease'])
}
