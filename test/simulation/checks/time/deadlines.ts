import type { Item } from '../../../../lib/app/ports/table.ts'
import { numberIn, statusOf, textIn } from '../entity.ts'
import { changesOf } from '../rule.ts'
import type { CreateRule } from '../rule.ts'
import type { Lateness } from './patience.ts'
import { isLong, tooLate } from './patience.ts'

const SECOND = 1_000
/** When the sweep looks at a lease whose execution should have acted. */
const TIMER = 30 * SECOND
/** A cleaning that nobody confirms is given up. */
const CLEANING = 600 * SECOND

/** What a lease in some state waits for, and how late that may be acted on with nothing wrong. */
interface Deadline {
  readonly what: string
  readonly due: (lease: Item) => number
  readonly allowed: number
}

/** An execution that is at work looks after a slice of a checkout and the longest yield. */
const AT_WORK = 45 * SECOND

const DEADLINES: Readonly<Record<string, Deadline>> = {
  pending: { what: 'waited past its deadline', due: dueIn('waitDeadline'), allowed: 3 * SECOND },
  // A call to a host that is under way may take as long as a checkout's slice.
  acquired: {
    what: 'was made ready past its deadline',
    due: dueIn('activationDeadline'),
    allowed: 30 * SECOND,
  },
  active: { what: 'was usable past its expiry', due: dueIn('expiresAt'), allowed: 3 * SECOND },
  kept: { what: 'was kept past its time', due: dueIn('holdUntil'), allowed: 3 * SECOND },
  released: { what: 'was not cleaned up', due: dueIn('endedAt'), allowed: AT_WORK },
  broken: { what: 'was not cleaned up', due: dueIn('endedAt'), allowed: AT_WORK },
}

/** P5 and its like: a deadline is acted on. */
export const deadlinesAreKept: CreateRule = ({ shadow, conditions }) => {
  const found: Lateness[] = []
  /** When a lease came into its state; one that was requeued may find its wait over. */
  const since = new Map<string, number>()
  let passed = 0

  function look(id: string, lease: Item | undefined, at: number): void {
    const deadline = DEADLINES[statusOf(lease)]
    if (!lease || !deadline) return
    const due = deadline.due(lease)
    if (at < due) return
    passed += 1
    const from = Math.max(due, since.get(id) ?? 0)
    const timer = due === numberIn(lease, 'endedAt') ? CLEANING + TIMER : TIMER
    // Requeued under an execution that is still at work on its old slot: nobody waits for a slot yet.
    const busy = lease['status'] === 'pending' && lease['taskToken'] === undefined
    const allowed = busy ? AT_WORK : deadline.allowed
    const late = { what: `lease ${id} ${deadline.what}`, from, until: at, allowed, timer }
    if (isLong(late)) found.push(late)
  }

  return {
    says: 'P5 a deadline is acted on in time, be it of expiry, wait, activation or cleaning',
    follow(commit) {
      for (const { of, before, after } of changesOf(commit, 'lease')) {
        if (statusOf(before) === statusOf(after)) continue
        look(of.lease, before, commit.at)
        since.set(of.lease, commit.at)
      }
    },
    *ended(final) {
      for (const lease of shadow.leases.values()) look(textIn(lease, 'id'), lease, final.at)
      for (const late of found) {
        const sentence = tooLate(late, { ...conditions, sweeps: final.sweeps })
        if (sentence !== undefined) yield sentence
      }
    },
    counts: () => ({ 'deadlines that passed': passed }),
  }
}

function dueIn(attribute: string): (lease: Item) => number {
  return (lease) => numberIn(lease, attribute)
}
