import type { Item } from '../../../../lib/app/ports/table.ts'
import { numberIn, statusOf, textIn } from '../entity.ts'
import { changesOf } from '../rule.ts'
import type { CreateRule } from '../rule.ts'

/** Every reason for which a lease ends, and the states out of which it ends so. */
const REASONS: Readonly<Record<string, readonly string[]>> = {
  released: ['acquired', 'active', 'kept'],
  expired: ['active', 'kept'],
  cancelled: ['pending'],
  wait_timeout: ['pending'],
  request_failed: ['acquired'],
  activation_failed: ['acquired'],
  host_lost: ['acquired', 'active', 'kept'],
  operator: ['pending', 'acquired', 'active', 'kept'],
}

export const endsHaveReasons: CreateRule = () => {
  const seen: Record<string, number> = {}
  return {
    says: 'a lease that ended says why, with a reason that fits what it was, and keeps to it',
    *committed(commit) {
      for (const { of, before, after } of changesOf(commit, 'lease')) {
        const [reason, earlier] = [textIn(after, 'reason'), textIn(before, 'reason')]
        if (earlier !== '' && reason !== earlier)
          yield `lease ${of.lease} changed its reason ${earlier} to ${reason}`
        if (reason === '' || earlier !== '') continue
        seen[`ended as ${reason}`] = (seen[`ended as ${reason}`] ?? 0) + 1
        if (REASONS[reason]?.includes(statusOf(before)) !== true) {
          yield `lease ${of.lease} was ${statusOf(before)} and ended as ${reason}`
        }
      }
    },
    counts: () => seen,
  }
}

export const nothingEndsTooEarly: CreateRule = ({ conditions }) => ({
  says: 'nobody acts on a deadline that has not passed, whatever was renewed meanwhile',
  *committed(commit) {
    for (const { of, before, after } of changesOf(commit, 'lease')) {
      const due = before && after && deadlineBehind(before, after)
      if (due === undefined || due <= commit.at + conditions.skew) continue
      yield `lease ${of.lease} had ${due - commit.at} ms left and became ${statusOf(after)}`
    }
  },
})

/** The deadline on which this transition acted. */
function deadlineBehind(before: Item, after: Item): number | undefined {
  const status = statusOf(before)
  const reason = before['reason'] === undefined ? textIn(after, 'reason') : ''
  if (reason === 'wait_timeout') return numberIn(before, 'waitDeadline')
  if (reason === 'expired' && status === 'active') return numberIn(before, 'expiresAt')
  if (reason === 'expired' && status === 'kept') return numberIn(before, 'holdUntil')
  const { code } = lastFailure(after)
  const failed = status === 'acquired' && after['failures'] !== before['failures']
  return failed && code === 'activation_deadline' ? numberIn(before, 'activationDeadline') : undefined
}

const lastFailure = (lease: Item): { readonly code?: string } => {
  const failures = lease['failures'] as readonly { readonly code: string }[] | undefined
  return failures?.at(-1) ?? {}
}

/** Activations that may fail by a host's fault; the failure after that ends the lease. */
const TRIES = 3

export const triesAreCounted: CreateRule = () => ({
  says: 'a lease is tried on three hosts at most, and each failure that sent it back is kept',
  *committed(commit) {
    for (const { of, before, after } of changesOf(commit, 'lease')) {
      if (!after) continue
      const [was, is] = [failuresOf(before), failuresOf(after)]
      const requeued = statusOf(before) === 'acquired' && statusOf(after) === 'pending'
      if (is.length !== was.length + (requeued ? 1 : 0)) {
        yield `lease ${of.lease} became ${statusOf(after)} with ${is.length} failures after ${was.length}`
      }
      // A host that lost its memory fails every lease once for each slot; that is one event, not a try each.
      const tries = is.filter(({ code }) => code !== 'refused_unknown').length
      if (requeued && tries >= TRIES) yield `lease ${of.lease} waits again after ${tries} failed tries`
    }
  },
})

const failuresOf = (lease: Item | undefined): readonly { readonly code: string }[] =>
  (lease?.['failures'] as readonly { readonly code: string }[] | undefined) ?? []
