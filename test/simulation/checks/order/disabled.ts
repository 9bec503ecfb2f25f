import type { ReadEvent } from '../../watch.ts'
import { textIn } from '../entity.ts'
import { changesOf } from '../rule.ts'
import type { CreateRule } from '../rule.ts'
import { isAcquisition } from '../slots/epochs.ts'

/** A disabled blueprint gives no new leases; who has not heard of it yet may still decide on what was true. */
export const disabledGivesNothing: CreateRule = ({ shadow }) => {
  const disabledSince = new Map<string, number>()
  const read = new Map<string, number>()
  let parked = 0

  return {
    says: 'a disabled blueprint gives no new leases, to nobody who could know of it',
    read: ({ process, key, sequence }: ReadEvent) => {
      if (key?.PK.startsWith('B#')) read.set(`${process} ${key.PK.slice(2)}`, sequence)
    },
    *committed(commit) {
      for (const { of, before, after } of changesOf(commit, 'lease')) {
        if (after?.['parked'] === true && before?.['parked'] !== true) parked += 1
        if (!isAcquisition(before, after)) continue
        if (before?.['parked'] === true) yield `lease ${of.lease} got a slot while it was set aside`
        const blueprint = textIn(after, 'blueprint')
        const since = disabledSince.get(blueprint)
        const known = read.get(`${commit.process} ${blueprint}`)
        if (since === undefined || (known !== undefined && known < since)) continue
        yield `lease ${of.lease} got a slot, and its blueprint ${blueprint} was disabled`
      }
      for (const { of } of changesOf(commit, 'blueprint')) {
        const item = shadow.blueprints.get(of.blueprint)
        if (item && item['disabled'] === undefined) disabledSince.delete(of.blueprint)
        else if (!disabledSince.has(of.blueprint)) disabledSince.set(of.blueprint, commit.sequence)
      }
    },
    counts: () => ({ 'leases set aside with their blueprint': parked }),
  }
}
