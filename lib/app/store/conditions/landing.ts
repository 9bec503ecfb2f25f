import type { Condition } from '../../ports/table.ts'
import { equal } from './clauses.ts'

/** A branch's turn is given only while nobody has it. */
export const turnFree: Condition = {
  name: 'turn_free',
  all: [{ is: 'missing', attribute: 'holder' }],
}

/** It is given back, or handed on, only by the landing that has it. */
export const turnHeldBy = (landing: string): Condition => ({
  name: 'turn_held_by',
  all: [equal('holder', landing)],
})

/** Places count up by themselves: two never get the same one, and one may stay empty. The first one begins the count. */
export const nextPlace: Condition = {
  name: 'next_place',
  all: [{ is: 'present', attribute: 'last' }],
}
