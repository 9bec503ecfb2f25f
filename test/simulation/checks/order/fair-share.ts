import type { Item } from '../../../../lib/app/ports/table.ts'
import { numberIn } from '../entity.ts'
import { changesOf } from '../rule.ts'
import type { CreateRule } from '../rule.ts'

/** Where nobody has measured a pool yet, a lease may be reckoned to hold a slot from no time to so long. */
const UNMEASURED = [0, 60_000] as const
/** A handler may have read the pool's pace before the last changes of it. */
const REMEMBERED = 3
/** What one lease takes of the pool's time, from the least to the most that a handler could have read. */
type Quantum = readonly [number, number]

/** One step of priority, milliseconds of age; and the digits of a place's virtual time. */
const STEP = 600_000
const DIGITS = 15

/**
 * P4, start-time fair: a tenant's place in a pool is one quantum (mean hold / slots) after its own last place, or the
 * queue's beginning if that is later: the place of its head, however late that is, or now where nobody waits. Because of
 * the first half the k-th waiting lease of a flood stands k quanta later than its first one; because of the second half
 * another tenant's first lease stands beside the head. So it waits for about one hold, however many wait.
 */
export const fairShare: CreateRule = ({ conditions }) => {
  const paces = new Map<string, readonly Quantum[]>()
  const counted = {
    'places reserved': 0,
    'places put off to a later time': 0,
    'places beside a head that waits': 0,
  }

  const queues = new Map<string, Map<string, Item>>()
  /** When a process looked at a queue last, and where its head stood. */
  const looks = new Map<string, { readonly at: number; readonly head: number }>()

  const quantumIn = (pool: string): Quantum => {
    const known = paces.get(pool) ?? [UNMEASURED]
    return [Math.min(...known.map(([least]) => least)), Math.max(...known.map(([, most]) => most))]
  }

  return {
    says: 'P4 a tenant stands where its share of the pool puts it, however many leases of others wait',
    read: ({ at, process, query }) => {
      if (query?.PK.startsWith('Q#') !== true) return
      looks.set(`${process} ${query.PK}`, { at, head: headOf(queues.get(query.PK)) })
    },
    *committed(commit) {
      for (const { before, after } of changesOf(commit, 'waiter')) {
        if (before) queues.get(before.PK)?.delete(before.SK)
        if (after)
          queues.set(after.PK, (queues.get(after.PK) ?? new Map<string, Item>()).set(after.SK, after))
      }
      for (const { of, after } of changesOf(commit, 'pool')) {
        const known = paces.get(of.pool) ?? []
        const quantum = quantumOf(after)
        if (known.at(-1)?.[0] !== quantum[0]) paces.set(of.pool, [...known, quantum].slice(-REMEMBERED))
      }
      for (const { of, before, after } of changesOf(commit, 'tag')) {
        const [base, last] = [numberIn(after, 'base'), before ? numberIn(before, 'base') : 0]
        const [least, most] = quantumIn(poolOf(of.tag))
        counted['places reserved'] += 1
        if (base > commit.at + conditions.skew) counted['places put off to a later time'] += 1
        const { at, head } = looks.get(`${commit.process} Q#${poolOf(of.tag)}`) ?? { at: 0, head: Infinity }
        if (before && base > last && head < commit.at) counted['places beside a head that waits'] += 1
        const latest = Math.max(last + most, Math.min(head, commit.at + conditions.skew))
        if (base > latest) yield `a place of ${of.tag} is ${base - latest} ms later than its share puts it`
        if (base < last + least)
          yield `a place of ${of.tag} is ${last + least - base} ms earlier than its share puts it`
        // Nobody looks at a clock before the queue: a write that is slow is no place in the past.
        const past = Math.min(at, head) - base
        if (conditions.profile === 'calm' && past > 0) yield `a place of ${of.tag} is ${past} ms in the past`
      }
    },
    counts: () => counted,
  }
}

/** The base of the first place of a queue; endless where nobody stands in it. */
function headOf(queue: ReadonlyMap<string, Item> = new Map()): number {
  const [first] = [...queue.keys()].filter((key) => key.startsWith('W#')).toSorted()
  if (first === undefined) return Infinity
  return Number(first.slice(2, 2 + DIGITS)) + numberIn(queue.get(first), 'priority') * STEP
}

const poolOf = (tag: string): string => tag.slice(tag.indexOf(' ') + 1, tag.lastIndexOf('#'))

/** Rounding may move it by one. */
function quantumOf(pool: Item | undefined): Quantum {
  const [mean, slots] = [numberIn(pool, 'meanHold'), Math.max(1, numberIn(pool, 'slots') || 1)]
  return Number.isNaN(mean) ? UNMEASURED : [mean / slots - 1, mean / slots + 1]
}
