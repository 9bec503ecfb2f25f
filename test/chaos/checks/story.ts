import type { Item } from '../../../lib/app/ports/table.ts'
import { eventOf, leaseOf } from '../../../lib/app/store/lease-item.ts'
import type { Lease, TimelineEvent } from '../../../lib/domain/lease.ts'

/** A lease as the table has it at the end, and everything that its timeline tells, oldest first. */
export interface Story {
  readonly lease: Lease
  readonly events: readonly TimelineEvent[]
}

export function storiesOf(items: readonly Item[]): readonly Story[] {
  const byLease = Map.groupBy(
    items.filter(({ PK }) => PK.startsWith('L#')),
    ({ PK }) => PK,
  )
  return [...byLease.values()].flatMap((own) => {
    const meta = own.find(({ SK }) => SK === 'META')
    const events = own.filter(({ SK }) => SK.startsWith('EV#')).map(eventOf)
    const sorted = events.toSorted((a, b) => a.version - b.version)
    return meta ? [{ lease: leaseOf(meta), events: sorted }] : []
  })
}
