import type { Item } from '../../../../lib/app/ports/table.ts'
import { statusOf, textIn } from '../entity.ts'
import { changesOf } from '../rule.ts'
import type { CreateRule } from '../rule.ts'
import type { Lateness } from './patience.ts'
import { isLong, tooLate } from './patience.ts'

/** Places come back one after the other, each in a transaction of its own. */
const COMING_BACK = 5_000

/** A lease is set aside only for as long as its blueprint is disabled. */
export const parkedComeBack: CreateRule = ({ shadow, conditions }) => {
  const forgotten = new Map<string, number>()
  const found: Lateness[] = []

  function look(id: string, at: number): void {
    const since = forgotten.get(id)
    if (isForgotten(shadow.leases.get(id))) forgotten.set(id, since ?? at)
    else if (since !== undefined) {
      forgotten.delete(id)
      note(id, since, at)
    }
  }

  function note(id: string, from: number, until: number): void {
    const late = { what: `lease ${id} stayed set aside`, from, until, allowed: COMING_BACK, timer: 0 }
    if (isLong(late)) found.push(late)
  }

  const isForgotten = (lease: Item | undefined): boolean => {
    if (statusOf(lease) !== 'pending' || lease?.['parked'] !== true) return false
    const blueprint = shadow.blueprints.get(textIn(lease, 'blueprint'))
    return blueprint !== undefined && blueprint['disabled'] === undefined
  }

  return {
    says: 'a lease is set aside only while its blueprint is disabled',
    follow(commit) {
      for (const { of } of changesOf(commit, 'blueprint')) {
        for (const [id, lease] of shadow.leases) if (lease['blueprint'] === of.blueprint) look(id, commit.at)
      }
      for (const id of commit.leases) look(id, commit.at)
    },
    *ended(final) {
      for (const [id, since] of forgotten) note(id, since, final.at)
      for (const late of found) {
        const sentence = tooLate(late, { ...conditions, sweeps: final.sweeps })
        if (sentence !== undefined) yield sentence
      }
    },
  }
}
