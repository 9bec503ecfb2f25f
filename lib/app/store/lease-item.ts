import type { Lease, TimelineEvent } from '../../domain/lease.ts'
import { KEEP_ENDED, MAXIMA } from '../../domain/limits.ts'
import type { Item, Value } from '../ports/table.ts'
import { eventKey, leaseKey } from './keys.ts'

/** A lease as it is stored: its fields by name, but `ver` for the version and `ttlMs`, as `ttl` is DynamoDB's own. */
export function leaseItem(lease: Lease): Item {
  const { version, ttl, ...rest } = lease
  return {
    ...leaseKey(lease.id),
    ...plain(rest),
    ver: version,
    ttlMs: ttl,
    ttl: collectableAt(lease.createdAt),
  }
}

export function leaseOf(item: Item): Lease {
  const { PK: _, SK: _sk, ver, ttlMs, ttl: _ttl, opId: _op, ...rest } = item
  if (typeof rest['status'] !== 'string' || typeof ver !== 'number')
    throw new Error(`not a lease: ${item.PK}`)
  return { ...rest, version: ver, ttl: ttlMs } as unknown as Lease
}

export function eventItem(leaseId: string, event: TimelineEvent, createdAt: number): Item {
  return { ...eventKey(leaseId, event.version), ...plain(event), ttl: collectableAt(createdAt) }
}

export function eventOf(item: Item): TimelineEvent {
  const { PK: _, SK: _sk, ttl: _ttl, ...rest } = item
  return rest as unknown as TimelineEvent
}

/** Garbage only: later than any lease made then can live, plus the time that ended ones stay readable. Seconds. */
export const collectableAt = (createdAt: number): number =>
  Math.ceil((createdAt + MAXIMA.wait + MAXIMA.activationTime + MAXIMA.maxHold + KEEP_ENDED) / 1_000)

/** What an update has to set and remove to get from one item to the other. */
export function difference(
  before: Item,
  after: Item,
): { readonly set: Readonly<Record<string, Value>>; readonly remove: readonly string[] } {
  const set: Record<string, Value> = {}
  for (const [attribute, value] of Object.entries(after)) {
    if (!same(before[attribute], value)) set[attribute] = value
  }
  return { set, remove: Object.keys(before).filter((attribute) => !(attribute in after)) }
}

const same = (a: Value | undefined, b: Value): boolean =>
  a === b || (typeof a === 'object' && typeof b === 'object' && JSON.stringify(a) === JSON.stringify(b))

const plain = (record: object): Record<string, Value> =>
  Object.fromEntries(
    Object.entries(record).filter((entry): entry is [string, Value] => entry[1] !== undefined),
  )
