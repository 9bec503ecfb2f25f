import type { Condition } from '../../ports/table.ts'
import { exists } from './clauses.ts'

/** What a creator chose has not been chosen by another: ids, permits, timers, events. */
export const notThereYet: Condition = { name: 'not_there_yet', all: [{ is: 'item-absent' }] }

/** What a transition takes away was really there: waiters, tokens, timers. */
export const stillThere: Condition = { name: 'still_there', all: [exists] }

/** The registry is written beside what it registers, in one transaction: that one's condition decides. */
export const asRegistered: Condition = { name: 'as_registered', all: [] }

/** What is taken back is gone, whoever else takes it back at the same time. */
export const goneAnyway: Condition = { name: 'gone_anyway', all: [] }
