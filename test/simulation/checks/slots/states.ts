import { numberIn, statusOf, textIn } from '../entity.ts'
import { changesOf } from '../rule.ts'
import type { CreateRule } from '../rule.ts'
import { acquired } from './epochs.ts'

/** What a slot may become, by what it was. Nothing dirty is ever given away. */
const NEXT: Readonly<Record<string, readonly string[]>> = {
  '': ['dirty'],
  free: ['free', 'held', 'withheld', 'dirty', 'gone'],
  held: ['held', 'free', 'dirty', 'withheld', 'broken'],
  dirty: ['dirty', 'free', 'withheld', 'broken', 'gone'],
  withheld: ['withheld', 'free', 'dirty', 'gone'],
  broken: ['broken', 'free', 'withheld', 'dirty', 'gone'],
}

export const slotsFollowTheirStates: CreateRule = () => ({
  says: 'a slot goes from state to state as the design draws it; what is dirty is cleaned before anybody has it',
  *committed(commit) {
    for (const { of, before, after } of changesOf(commit, 'slot')) {
      const [was, is] = [textIn(before, 'state'), after ? textIn(after, 'state') : 'gone']
      if (NEXT[was]?.includes(is) !== true) yield `slot ${of.slot} went from ${was || 'nothing'} to ${is}`
    }
  },
})

export const onlyOfferedSlotsAreGiven: CreateRule = () => ({
  says: 'a slot whose host gives no leases is not given, neither free nor by hand-over',
  *committed(commit) {
    for (const { of, before, after } of changesOf(commit, 'slot')) {
      if (acquired(before, after) && before?.['offered'] !== true) {
        yield `slot ${of.slot} was given to lease ${textIn(after, 'lease')} and is not offered`
      }
      if (after?.['state'] === 'free' && after['offered'] !== true)
        yield `slot ${of.slot} is free and not offered`
    }
  },
})

/** What becomes of the slot of a lease that stops having it. */
export const slotsAreGivenBackUnclean: CreateRule = ({ shadow }) => ({
  says: 'a slot whose activation failed is dirty, and its lease takes no epoch of it along',
  *committed(commit) {
    for (const { of, before, after } of changesOf(commit, 'lease')) {
      if (statusOf(before) !== 'acquired' || statusOf(after) !== 'pending') continue
      const given = changesOf(commit, 'slot').find((change) => textIn(change.before, 'lease') === of.lease)
      const slot = given && shadow.slots.get(given.of.slot)
      if (!given) yield `lease ${of.lease} went back into the queue and its slot was not given back`
      else if (slot?.['state'] !== 'dirty' && slot?.['state'] !== 'broken') {
        yield `lease ${of.lease} gave back slot ${given.of.slot} as ${textIn(slot, 'state')}`
      } else if (numberIn(slot, 'epoch') !== numberIn(before, 'epoch')) {
        yield `slot ${given.of.slot} has another epoch than lease ${of.lease} gave it back with`
      }
    }
  },
})
