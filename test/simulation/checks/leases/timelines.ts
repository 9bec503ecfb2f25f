import type { Item } from '../../../../lib/app/ports/table.ts'
import { numberIn, slotOfLease, statusOf, textIn } from '../entity.ts'
import type { Change, Commit } from '../rule.ts'
import { changesOf } from '../rule.ts'
import type { CreateRule } from '../rule.ts'

export const oneEventPerVersion: CreateRule = ({ shadow }) => ({
  says: 'each version of a lease has one event, written with it and never touched again',
  *committed(commit) {
    for (const { of, before, after } of changesOf(commit, 'event')) {
      if (before) yield `event ${of.version} of lease ${of.lease} was ${after ? 'written again' : 'removed'}`
      else if (numberIn(after, 'version') !== of.version) {
        yield `event ${of.version} of lease ${of.lease} says version ${numberIn(after, 'version')}`
      }
    }
    for (const id of commit.leases) {
      const version = numberIn(shadow.leases.get(id), 'ver')
      const events = shadow.events(id).map((event) => numberIn(event, 'version'))
      if (events.length !== version || Math.max(...events) !== version) {
        yield `lease ${id} is at version ${version} and has events [${events.join(', ')}]`
      }
    }
    for (const { of, before, after } of changesOf(commit, 'lease')) {
      const step = numberIn(after, 'ver') - (before ? numberIn(before, 'ver') : 0)
      if (!after) yield `lease ${of.lease} was removed`
      else if (step !== 1 && !(before && step === 0))
        yield `lease ${of.lease} moved by ${step} versions at once`
    }
  },
})

/** Type of the event that tells of each transition. */
export const TYPES: Readonly<Record<string, string>> = {
  ' pending': 'created',
  'pending acquired': 'acquired',
  'pending destroyed': 'destroyed',
  'acquired active': 'activated',
  'acquired pending': 'requeued',
  'acquired released': 'released',
  'acquired broken': 'broken',
  'active released': 'released',
  'active broken': 'broken',
  'active kept': 'kept',
  'kept released': 'released',
  'kept broken': 'broken',
  'released destroyed': 'destroyed',
  'broken destroyed': 'destroyed',
}

export const timelinesTellTheStory: CreateRule = () => ({
  says: 'the timeline of a lease tells what became of it, with reason, slot and epoch',
  *committed(commit) {
    for (const change of changesOf(commit, 'lease')) {
      const event = eventIn(commit, change)
      if (!event || !change.after) continue
      for (const wrong of misfits(change, event)) {
        yield `event ${numberIn(event, 'version')} of lease ${change.of.lease} ${wrong}`
      }
    }
  },
})

function eventIn(commit: Commit, { of }: Change<Extract<Change['of'], { kind: 'lease' }>>): Item | undefined {
  return changesOf(commit, 'event').find((event) => event.of.lease === of.lease)?.after
}

function* misfits({ before, after }: Change, event: Item): Generator<string> {
  const detail = (event['detail'] ?? {}) as Readonly<Record<string, unknown>>
  const type = textIn(event, 'type')
  const wanted = TYPES[`${statusOf(before)} ${statusOf(after)}`]
  const ended = wanted === 'released' && after?.['reason'] === 'expired' ? 'expired' : wanted
  if (type !== ended) yield `says ${type} where it became ${statusOf(after)} from ${statusOf(before)}`
  if (textIn(event, 'actor') === '') yield 'names nobody'
  const slot = `${String(detail['host'])}/${String(detail['slot'])}`
  if (type === 'acquired' && (slot !== slotOfLease(after) || detail['epoch'] !== after?.['epoch'])) {
    yield 'names another slot than it acquired'
  }
  if ('reason' in detail && detail['reason'] !== after?.['reason'])
    yield 'gives another reason than the lease'
}
