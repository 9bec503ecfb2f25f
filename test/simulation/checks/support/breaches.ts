import type { Item } from '../../../../lib/app/ports/table.ts'
import type { CommitEvent, Final } from '../../watch.ts'
import type { Alter, Change, Recorded } from './recorded.ts'
import { alter, isCommit } from './recorded.ts'

/** Makes a run break a rule; undefined where the run has nothing to do it with. */
export type Breach = (recorded: Recorded) => Recorded | undefined

export const changing =
  (change: Alter, which: 'first' | 'all' = 'first'): Breach =>
  (recorded) =>
    alter(recorded, change, which)

/** A transition of a lease, told from its states. */
export const went = ({ of, before, after }: Change, from: string, to: string): boolean =>
  of.kind === 'lease' && (before?.['status'] ?? '') === from && after?.['status'] === to

export const setting = (item: Item | undefined, fields: Readonly<Record<string, unknown>>): Item => {
  const changed = Object.entries({ ...item, ...fields }).filter(([, value]) => value !== undefined)
  return Object.fromEntries(changed) as Item
}

/** Another commit, as the n-th that there was. */
export const inserting =
  (place: (recorded: Recorded) => number | undefined, made: (at: CommitEvent) => CommitEvent): Breach =>
  (recorded) => {
    const index = place(recorded)
    const at = index === undefined ? undefined : recorded.events[index]
    if (index === undefined || !at || !isCommit(at)) return undefined
    return { ...recorded, events: recorded.events.toSpliced(index, 0, made(at)) }
  }

/** A commit of one item that was not there. */
export const putting = (item: Item, at: CommitEvent): CommitEvent => ({
  ...at,
  process: 'stranger#0',
  writes: [{ kind: 'put', item, when: { name: 'always', all: [] } }],
  before: [undefined],
  after: [item],
})

/** The place of the first commit with a change like this. */
export const placeOf =
  (like: (change: Omit<Change, 'of'>, event: CommitEvent) => boolean) =>
  ({ events }: Recorded): number | undefined => {
    const index = events.findIndex(
      (event) =>
        isCommit(event) && event.after.some((after, at) => like({ before: event.before[at], after }, event)),
    )
    return index < 0 ? undefined : index
  }

export const leavingOut =
  (place: (recorded: Recorded) => number | undefined): Breach =>
  (recorded) => {
    const index = place(recorded)
    return index === undefined ? undefined : { ...recorded, events: recorded.events.toSpliced(index, 1) }
  }

/** Everything from there on comes so much later. */
export const delaying =
  (place: (recorded: Recorded) => number | undefined, milliseconds: number): Breach =>
  (recorded) => {
    const index = place(recorded)
    if (index === undefined) return undefined
    const events = recorded.events.map((event, at) =>
      at < index ? event : { ...event, at: event.at + milliseconds },
    )
    return { ...recorded, events, final: { ...recorded.final, at: recorded.final.at + milliseconds } }
  }

/** The world as it is found in the end, altered. */
export const endingWith =
  (items: (final: Final) => readonly Item[]): Breach =>
  (recorded) => ({ ...recorded, final: { ...recorded.final, items: items(recorded.final) } })
