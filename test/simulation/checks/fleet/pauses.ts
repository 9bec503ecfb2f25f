import type { Item } from '../../../../lib/app/ports/table.ts'
import { textIn } from '../entity.ts'
import { changesOf } from '../rule.ts'
import type { CreateRule } from '../rule.ts'
import type { Lateness } from '../time/patience.ts'
import { isLong, tooLate } from '../time/patience.ts'

/** The next sweep brings it back, and needs some calls for that. */
const NEXT_SWEEP = 75_000

interface Changed {
  readonly by?: string
  readonly until?: number
}

/** An operator who says until when gets just that, the last time that was said. */
export const pausesEnd: CreateRule = ({ conditions }) => {
  /** Until when hosts are away, and since when that was to be so. */
  const away = new Map<string, { readonly until: number; readonly since: number }>()
  const found: Lateness[] = []
  let ended = 0

  function note(host: string, at: number): void {
    const pause = away.get(host)
    if (!pause) return
    away.delete(host)
    const from = Math.max(pause.until, pause.since)
    const what = `host ${host} was away past its time`
    const late = { what, from, until: at, allowed: NEXT_SWEEP, timer: 0 }
    if (at > from) ended += 1
    if (isLong(late)) found.push(late)
  }

  return {
    says: 'a host that was drained until some time is back by then, and not before',
    *committed(commit) {
      for (const { of, before, after } of changesOf(commit, 'host')) {
        if (before?.['changes'] === after?.['changes']) continue
        const early = (away.get(of.host)?.until ?? 0) - commit.at - conditions.skew
        if (stateOf(after) === 'active' && changedIn(after).by === 'sweep' && early > 0)
          yield `host ${of.host} came back ${early} ms too early`
        note(of.host, commit.at)
        const { until } = changedIn(after)
        const isAway = after !== undefined && !['active', 'destroyed'].includes(stateOf(after))
        if (isAway && until !== undefined) away.set(of.host, { until, since: commit.at })
      }
    },
    *ended(final) {
      for (const host of away.keys()) note(host, final.at)
      for (const late of found) {
        const sentence = tooLate(late, { ...conditions, sweeps: final.sweeps })
        if (sentence !== undefined) yield sentence
      }
    },
    counts: () => ({ 'pauses of hosts that ended': ended }),
  }
}

const stateOf = (host: Item | undefined): string => textIn(host, 'state')

export const changedIn = (host: Item | undefined): Changed => (host?.['changed'] ?? {}) as Changed
