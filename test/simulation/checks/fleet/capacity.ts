import { numberIn, textIn } from '../entity.ts'
import { changesOf } from '../rule.ts'
import type { CreateRule } from '../rule.ts'

/** Limits are exact: whoever makes slots late must not make more than there are to be. */
export const capacityHolds: CreateRule = ({ shadow }) => {
  let made = 0
  return {
    says: 'a host never has a slot beyond its capacity, and none outlives its host',
    *committed(commit) {
      for (const { of, before, after } of changesOf(commit, 'slot')) {
        if (!after) continue
        if (!before) made += 1
        const host = shadow.hosts.get(textIn(after, 'host'))
        if (!host) yield `slot ${of.slot} is there without its host`
        else if (numberIn(after, 'number') >= numberIn(host, 'capacity'))
          yield `slot ${of.slot} is there, and its host has ${numberIn(host, 'capacity')}`
      }
      for (const { of, after } of changesOf(commit, 'host')) {
        const slots = [...shadow.slots.values()].filter((slot) => slot['host'] === of.host)
        const capacity = after ? numberIn(after, 'capacity') : 0
        const beyond = slots.filter((slot) => numberIn(slot, 'number') >= capacity).length
        if (beyond > 0) yield `host ${of.host} has ${capacity} slots, and ${beyond} beyond them`
      }
    },
    counts: () => ({ 'slots made': made }),
  }
}
