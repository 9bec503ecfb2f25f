import { changesOf } from '../rule.ts'
import type { CreateRule } from '../rule.ts'
import type { Lateness } from '../time/patience.ts'
import { isLong, tooLate } from '../time/patience.ts'

/** The next sweep takes it apart, and needs some calls for that. */
const NEXT_SWEEP = 75_000

/** A host that left the configuration is gone once its last lease has ended, and not before. */
export const hostsLeave: CreateRule = ({ shadow, conditions }) => {
  /** Since when nothing keeps them any more. */
  const idle = new Map<string, number>()
  const found: Lateness[] = []
  let left = 0

  function look(host: string, at: number): void {
    const since = idle.get(host)
    if (shadow.hosts.get(host)?.['state'] === 'destroyed' && !isHeld(host)) idle.set(host, since ?? at)
    else if (since !== undefined) {
      idle.delete(host)
      note(host, since, at)
    }
  }

  const isHeld = (host: string): boolean =>
    [...shadow.slots.values()].some((slot) => slot['host'] === host && slot['state'] === 'held')

  function note(host: string, from: number, until: number): void {
    const what = `host ${host} had left and was still there`
    const late = { what, from, until, allowed: NEXT_SWEEP, timer: 0 }
    if (isLong(late)) found.push(late)
  }

  return {
    says: 'a host that left the configuration is gone when its last lease has ended, and not before',
    *committed(commit) {
      const hosts = new Set(changesOf(commit, 'host').map(({ of }) => of.host))
      for (const { of, before, after } of changesOf(commit, 'host')) {
        if (after) continue
        left += 1
        if (before?.['state'] !== 'destroyed') yield `host ${of.host} is gone, and nobody had removed it`
      }
      for (const { of, before, after } of changesOf(commit, 'slot')) {
        const host = of.slot.slice(0, of.slot.lastIndexOf('/'))
        hosts.add(host)
        if (before && !after && shadow.hosts.get(host)?.['state'] !== 'destroyed')
          yield `slot ${of.slot} is gone, and its host is not leaving`
      }
      for (const host of hosts) look(host, commit.at)
    },
    *ended(final) {
      for (const [host, since] of idle) note(host, since, final.at)
      for (const late of found) {
        const sentence = tooLate(late, { ...conditions, sweeps: final.sweeps })
        if (sentence !== undefined) yield sentence
      }
    },
    counts: () => ({ 'hosts that left': left }),
  }
}
