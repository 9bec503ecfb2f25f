import type { Holding } from './holdings.ts'
import type { Story } from './story.ts'

/** A lease that certainly stood at its place of the queue. */
interface Wait {
  readonly lease: string
  readonly place: string
  readonly from: number
  readonly to: number
}

/** After a requeue was decided, its waiter is in the queue within this time, milliseconds. */
const REQUEUED = 1_000

/**
 * Slots that were given past somebody: as many leases as there were free slots, or more, certainly stood nearer to the
 * head at that moment, whatever their tenant. `standsFrom` tells of each lease when its first POST was answered: before
 * that it may have a place without standing in the queue yet.
 */
export function inversions(
  stories: readonly Story[],
  holdings: readonly Holding[],
  {
    pool,
    slots,
    standsFrom,
  }: {
    readonly pool: string
    readonly slots: number
    readonly standsFrom: ReadonlyMap<string, number>
  },
): readonly string[] {
  const waits = stories.flatMap((story) => waitsOf(story, pool, standsFrom))
  const places = new Map(stories.map(({ lease }) => [lease.id, lease.waiters[pool] ?? '']))
  return holdings.flatMap((given) => {
    const at = given.from
    const own = places.get(given.lease) ?? ''
    const ahead = waits.filter(
      ({ lease, place, from, to }) => lease !== given.lease && place < own && from < at && at < to,
    )
    const free =
      slots - holdings.filter((other) => other !== given && other.from <= at && at < other.to).length
    if (ahead.length < free) return []
    const passed = ahead.map(({ lease }) => lease).join(', ')
    return [`${given.lease} was given ${given.slot} at ${at} past ${passed} (${free} free)`]
  })
}

function waitsOf(
  { lease, events }: Story,
  pool: string,
  standsFrom: ReadonlyMap<string, number>,
): readonly Wait[] {
  const place = lease.waiters[pool]
  if (place === undefined) return []
  return events.flatMap((event, index) => {
    const from =
      event.type === 'created'
        ? standsFrom.get(lease.id)
        : event.type === 'requeued'
          ? event.at + REQUEUED
          : undefined
    const to = events[index + 1]?.at ?? Number.POSITIVE_INFINITY
    return from === undefined || from >= to ? [] : [{ lease: lease.id, place, from, to }]
  })
}
