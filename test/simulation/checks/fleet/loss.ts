import { slotOfLease, statusOf, textIn } from '../entity.ts'
import { changesOf } from '../rule.ts'
import type { CreateRule } from '../rule.ts'
import type { Lateness } from '../time/patience.ts'
import { isLong, tooLate } from '../time/patience.ts'

/** Each holder is told in transactions of its own, which may lose races. */
const TELLING = 5_000
/** Those for whom a loss changes something. */
const TOLD: readonly string[] = ['acquired', 'active', 'kept']

/** A host that is gone for good: whoever has a slot of it learns that now, and not at its expiry. */
export const lossIsTold: CreateRule = ({ shadow, conditions }) => {
  const untold = new Map<string, number>()
  const found: Lateness[] = []
  let told = 0

  function look(id: string, at: number): void {
    const lease = shadow.leases.get(id)
    const slot = slotOfLease(lease) ?? ''
    const host = shadow.hosts.get(slot.slice(0, slot.lastIndexOf('/')))
    const since = untold.get(id)
    if (TOLD.includes(statusOf(lease)) && host?.['lost'] === true) untold.set(id, since ?? at)
    else if (since !== undefined) {
      untold.delete(id)
      note(id, since, at)
    }
  }

  function note(id: string, from: number, until: number): void {
    told += 1
    const what = `lease ${id} had a slot of a lost host`
    const late = { what, from, until, allowed: TELLING, timer: 0 }
    if (isLong(late)) found.push(late)
  }

  return {
    says: 'a lease whose host is lost learns of it at once',
    follow(commit) {
      for (const { of } of changesOf(commit, 'host')) {
        for (const [name, slot] of shadow.slots) {
          if (slot['host'] !== of.host) continue
          for (const lease of shadow.holders(name)) look(textIn(lease, 'id'), commit.at)
        }
      }
      for (const id of commit.leases) look(id, commit.at)
    },
    *ended(final) {
      for (const [id, since] of untold) note(id, since, final.at)
      for (const late of found) {
        const sentence = tooLate(late, { ...conditions, sweeps: final.sweeps })
        if (sentence !== undefined) yield sentence
      }
    },
    counts: () => ({ 'leases that were told of a loss': told }),
  }
}
