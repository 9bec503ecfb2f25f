import type { Condition } from '../../ports/table.ts'
import { equal } from './clauses.ts'

/** An idempotency record is free, or its time is over (TTL may lag by days). */
export const keyNotUsed = (now: number): Condition => ({
  name: 'key_not_used',
  all: [{ is: 'any', of: [{ is: 'item-absent' }, { is: 'at-most', attribute: 'expires', value: now }] }],
})

/** A permit goes back only from the lease that took it. */
export const permitOf = (lease: string): Condition => ({
  name: 'permit_of_lease',
  all: [equal('lease', lease)],
})

/** A tenant's place in a pool's order moves on from the one that was read. */
export const tagUnchanged = (base: number | undefined): Condition => ({
  name: 'tag_unchanged',
  all: [base === undefined ? { is: 'item-absent' } : equal('base', base)],
})

/** The next place is one step after the last one only while that is later than now. */
export const tagNotPast = (base: number): Condition => ({
  name: 'tag_not_past',
  all: [{ is: 'above', attribute: 'base', value: base }],
})
