import type { TimelineEvent } from '../../domain/lease.ts'
import { KEEP_ENDED, MAXIMA } from '../../domain/limits.ts'
import type { Work, WorkKind } from '../../domain/work.ts'
import type { Item, Value } from '../ports/table.ts'
import { timerKey, workEventKey, workKey } from './keys.ts'

/** Written beside the transitions: how often it was told something, and where its execution waits. */
const BESIDE = ['opId', 'told', 'taskToken', 'ttl'] as const

/** A build or a landing as it is stored: its fields by name, but `ver` for the version. */
export function workItem(kind: WorkKind, work: Work): Item {
  const { version, ...rest } = work
  return { ...workKey(kind, work.id), ...plain(rest), ver: version, ttl: workCollectableAt(work.createdAt) }
}

/**
 * Its fields, for the kind that knows them.
 * @throws Error where the item is no work
 */
export function workFrom(item: Item): Work {
  const { PK: _, SK: _sk, ver, ...rest } = item
  if (typeof rest['status'] !== 'string' || typeof ver !== 'number') throw new Error(`not work: ${item.PK}`)
  const own = Object.entries(rest).filter(([name]) => !BESIDE.some((beside) => beside === name))
  return { ...Object.fromEntries(own), version: ver } as unknown as Work
}

/** How often it was told that something happened; its execution waits only while that is what it has seen. */
export const toldOf = (item: Item): number => Number(item['told'] ?? 0)

export const workEventItem = (kind: WorkKind, { id, createdAt }: Work, event: TimelineEvent): Item => ({
  ...workEventKey(kind, id, event.version),
  ...plain(event),
  ttl: workCollectableAt(createdAt),
})

export const workTimerItem = (kind: WorkKind, id: string, due: number): Item => ({
  ...timerKey(id, due),
  of: kind,
  work: id,
})

/** Garbage only. Work may be started anew for as long as it can be read, and then outlives one lease by far. Seconds. */
export const workCollectableAt = (createdAt: number): number =>
  Math.ceil((createdAt + MAXIMA.wait + MAXIMA.maxHold + 2 * KEEP_ENDED) / 1_000)

const plain = (record: object): Record<string, Value> =>
  Object.fromEntries(
    Object.entries(record).filter((entry): entry is [string, Value] => entry[1] !== undefined),
  )
