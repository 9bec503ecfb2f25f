import type { Condition } from '../../ports/table.ts'
import { equal } from './clauses.ts'

/** Nobody used, gave up or destroyed the working copy since its record was read. */
export const copyUnchanged = (version: number): Condition => ({
  name: 'copy_unchanged',
  all: [equal('version', version)],
})
