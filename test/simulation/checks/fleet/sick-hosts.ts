import type { Item } from '../../../../lib/app/ports/table.ts'
import { numberIn, statusOf, textIn } from '../entity.ts'
import { changesOf } from '../rule.ts'
import type { CreateRule } from '../rule.ts'
import { isAcquisition } from '../slots/epochs.ts'
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
  /** When it was tried again. */
  returnedAt?: number
  /** A lease failed that it was given since then: one that failed at once with earlier ones may not be counted. */
  relapsed?: boolean
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

  /** When each lease was given the slot that it has. */
  const given = new Map<string, number>()

  function failed(host: string, lease: string, at: number): void {
    const record = recordOf(host)
    record.failures += 1
    if ((given.get(lease) ?? 0) >= (record.returnedAt ?? 0)) record.relapsed = true
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
      if (record.relapsed) record.quarantines += 1
      record.quarantinedAt = at
      record.relapsed = false
      return
    }
    const { quarantinedAt, quarantines } = record
    delete record.quarantinedAt
    if (state !== 'active') return
    if (by !== 'probe') {
      records.delete(host)
      return
    }
    record.returnedAt = at
    if (quarantinedAt === undefined || quarantines === 0) return
    counted['hosts that were tried again'] += 1
    const least = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (quarantines - 1))
    if (at - quarantinedAt < least - conditions.skew)
      yield `host ${host} came back after ${at - quarantinedAt} ms, ${quarantines} times in a row without having worked`
  }

  return {
    says: 'a host that fails its leases gives none soon, and is tried again less and less often until one has worked',
    *committed(commit) {
      for (const { of, before, after } of changesOf(commit, 'lease')) {
        if (isAcquisition(before, after)) given.set(of.lease, commit.at)
        const outcome = outcomeOf(before, after)
        if (outcome?.worked === true) records.delete(outcome.host)
        else if (outcome) failed(outcome.host, of.lease, commit.at)
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

/** On which host a lease was made ready, or by whose fault it was not. */
function outcomeOf(
  before: Item | undefined,
  after: Item | undefined,
): { readonly host: string; readonly worked: boolean } | undefined {
  if (!before || statusOf(before) !== 'acquired') return undefined
  const { host } = before['slot'] as { readonly host: string }
  const yielded = before['yielded'] as { readonly fault: string } | undefined
  const broke =
    statusOf(after) === 'broken' &&
    textIn(after, 'reason') === 'activation_failed' &&
    yielded?.fault !== 'remote'
  if (statusOf(after) === 'active') return { host, worked: true }
  return statusOf(after) === 'pending' || broke ? { host, worked: false } : undefined
}
