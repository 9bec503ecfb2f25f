import { textIn } from '../entity.ts'
import { changesOf } from '../rule.ts'
import type { CreateRule } from '../rule.ts'
import type { Lateness } from './patience.ts'
import { isLong, tooLate } from './patience.ts'

/** Slots follow in transactions of their own, which may lose races with leases that come and go. */
const FOLLOWING = 5_000

/** A drained, quarantined or disabled host gives no leases, and an active one does. */
export const slotsFollowTheirHost: CreateRule = ({ shadow, conditions }) => {
  const behind = new Map<string, number>()
  const found: Lateness[] = []
  let changed = 0

  function look(name: string, at: number): void {
    const slot = shadow.slots.get(name)
    const host = shadow.hosts.get(textIn(slot, 'host'))
    const follows = !slot || !host || slot['offered'] === (host['state'] === 'active')
    const since = behind.get(name)
    if (!follows) behind.set(name, since ?? at)
    else if (since !== undefined) {
      behind.delete(name)
      note(name, since, at)
    }
  }

  function note(name: string, from: number, until: number): void {
    const what = `slot ${name} did not follow its host`
    const late = { what, from, until, allowed: FOLLOWING, timer: 0 }
    if (isLong(late)) found.push(late)
  }

  return {
    says: 'the slots of a host are offered exactly while it is active',
    follow(commit) {
      for (const { of, before, after } of changesOf(commit, 'host')) {
        if (before && before['state'] !== after?.['state']) changed += 1
        for (const [name, slot] of shadow.slots) if (slot['host'] === of.host) look(name, commit.at)
      }
      for (const name of commit.slots) look(name, commit.at)
    },
    *ended(final) {
      for (const [name, since] of behind) note(name, since, final.at)
      for (const name of behind.keys()) yield `slot ${name} does not follow its host in the end`
      for (const late of found) {
        const sentence = tooLate(late, { ...conditions, sweeps: final.sweeps })
        if (sentence !== undefined) yield sentence
      }
    },
    counts: () => ({ 'hosts that changed their state': changed }),
  }
}
