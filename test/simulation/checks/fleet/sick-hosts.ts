import type { Item } from '../../../../lib/app/ports/table.ts'
import { numberIn, statusOf, textIn } from '../entity.ts'
import type { Commit } from '../rule.ts'
import { changesOf } from '../rule.ts'
import type { CreateRule } from '../rule.ts'
import { changedIn } from './pauses.ts'

/** Failures in a row that are enough. Of those that come at once on all its slots one is counted, at worst. */
const ENOUGH = 3
/** Milliseconds until it gives no leases any more. */
const AT_ONCE = 5_000
/** The first pause before it is tried again, and the longest; each is twice the one before. */
const FIRST_PAUSE = 5_000
const LONGEST_PAUSE = 300_000
/** Who quarantines a host for another reason than its leases. */
const OTHERS: readonly string[] = ['operator', 'cleaning']

/** What leases came to on a host since it last worked, or since somebody said that it would. */
interface Record {
  failures: number
  /** When the failures were enough. */
  enoughAt?: number
  quarantines: number
  quarantinedAt?: number
}

/** A host that keeps failing leases takes ever fewer of them: it must not draw in the whole queue. */
export const sickHostsRest: CreateRule = ({ shadow, conditions }) => {
  const records = new Map<string, Record>()
  const recordOf = (host: string): Record => {
    const record = records.get(host) ?? { failures: 0, quarantines: 0 }
    records.set(host, record)
    return record
  }
  const found: string[] = []
  const counted = { 'failures of hosts': 0, 'hosts that were tried again': 0 }

  function failed(host: string, at: number): void {
    const record = recordOf(host)
    record.failures += 1
    counted['failures of hosts'] += 1
    const item = shadow.hosts.get(host)
    if (item?.['state'] !== 'active') return
    if (record.failures >= ENOUGH * numberIn(item, 'capacity')) record.enoughAt ??= at
  }

  function rested(host: string, at: number): void {
    const { enoughAt } = records.get(host) ?? {}
    if (enoughAt === undefined || at - enoughAt <= AT_ONCE || conditions.profile !== 'calm') return
    found.push(`host ${host} gave leases for ${at - enoughAt} ms after it had failed enough of them`)
  }

  function* changed(host: string, after: Item | undefined, at: number): Generator<string> {
    const record = recordOf(host)
    rested(host, at)
    delete record.enoughAt
    const by = changedIn(after).by ?? ''
    const state = textIn(after, 'state')
    if (state === 'quarantined' && !OTHERS.includes(by)) {
      record.quarantines += 1
      record.quarantinedAt = at
      return
    }
    const { quarantinedAt, quarantines } = record
    delete record.quarantinedAt
    if (state !== 'active') return
    if (by !== 'probe') {
      records.delete(host)
      return
    }
    if (quarantinedAt === undefined) return
    counted['hosts that were tried again'] += 1
    const least = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (quarantines - 1))
    if (at - quarantinedAt < least - conditions.skew)
      yield `host ${host} came back after ${at - quarantinedAt} ms, ${quarantines} times in a row without having worked`
  }

  return {
    says: 'a host that fails its leases gives none soon, and is tried again less and less often until one has worked',
    *committed(commit) {
      for (const [host, worked] of outcomesIn(commit)) {
        if (worked) records.delete(host)
        else failed(host, commit.at)
      }
      for (const { of, before, after } of changesOf(commit, 'host')) {
        if (before?.['changes'] !== after?.['changes']) yield* changed(of.host, after, commit.at)
      }
    },
    *ended(final) {
      for (const host of records.keys()) rested(host, final.at)
      yield* found
    },
    counts: () => counted,
  }
}

/** Hosts on which a lease was made ready, or by whose fault it was not. */
function* outcomesIn(commit: Commit): Generator<readonly [host: string, worked: boolean]> {
  for (const { before, after } of changesOf(commit, 'lease')) {
    if (!before || statusOf(before) !== 'acquired') continue
    const { host } = before['slot'] as { readonly host: string }
    const yielded = before['yielded'] as { readonly fault: string } | undefined
    if (statusOf(after) === 'active') yield [host, true]
    if (statusOf(after) === 'pending') yield [host, false]
    const failed = textIn(after, 'reason') === 'activation_failed' && yielded?.fault !== 'remote'
    if (statusOf(after) === 'broken' && failed) yield [host, false]
  }
}
