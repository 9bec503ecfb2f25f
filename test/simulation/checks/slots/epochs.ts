import type { Item } from '../../../../lib/app/ports/table.ts'
import { isHolding, numberIn, slotOfLease, statusOf, textIn } from '../entity.ts'
import { changesOf } from '../rule.ts'
import type { CreateRule } from '../rule.ts'

/** P1: epochs order the holdings of a slot. */
export const epochsRise: CreateRule = () => ({
  says: 'P1 the epoch of a slot never falls, and rises with every acquisition and every cleaning',
  *committed(commit) {
    for (const { of, before, after } of changesOf(commit, 'slot')) {
      if (!before || !after) continue
      const [was, is] = [numberIn(before, 'epoch'), numberIn(after, 'epoch')]
      if (is < was) yield `slot ${of.slot} fell from epoch ${was} to ${is}`
      else if (is === was && acquired(before, after))
        yield `slot ${of.slot} was acquired and kept epoch ${is}`
      else if (is === was && cleaned(before, after)) yield `slot ${of.slot} was cleaned and kept epoch ${is}`
    }
  },
})

/** P1: what carries an epoch cannot be taken for another lease's. */
export const epochsAreOwned: CreateRule = () => {
  const owners = new Map<string, string>()
  /** A slot that was removed and made again counts from the start, under a new nonce. */
  const births = new Map<string, number>()
  return {
    says: 'P1 one epoch of a slot never belongs to two leases',
    *committed(commit) {
      for (const { of, before } of changesOf(commit, 'slot')) {
        if (!before) births.set(of.slot, (births.get(of.slot) ?? 0) + 1)
      }
      for (const { of, after } of changesOf(commit, 'lease')) {
        if (!after || !isHolding(after)) continue
        const slot = slotOfLease(after) ?? ''
        const holding = `${slot} epoch ${numberIn(after, 'epoch')}`
        const key = `${holding} ${births.get(slot) ?? 0}`
        const owner = owners.get(key) ?? of.lease
        owners.set(key, owner)
        if (owner !== of.lease) yield `${holding} was of lease ${owner} and is of lease ${of.lease}`
      }
    },
    counts: () => ({ 'epochs given to leases': owners.size }),
  }
}

export const acquired = (before: Item | undefined, after: Item | undefined): boolean =>
  statusIn(after) === 'held' &&
  (statusIn(before) !== 'held' || textIn(before, 'lease') !== textIn(after, 'lease'))

const cleaned = (before: Item, after: Item): boolean =>
  ['dirty', 'broken'].includes(statusIn(before)) && ['free', 'withheld'].includes(statusIn(after))

const statusIn = (slot: Item | undefined): string => textIn(slot, 'state')

/** A lease goes from waiting to having a slot. */
export const isAcquisition = (before: Item | undefined, after: Item | undefined): boolean =>
  statusOf(before) === 'pending' && statusOf(after) === 'acquired'
