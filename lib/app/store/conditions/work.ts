import type { Condition } from '../../ports/table.ts'
import { equal } from './clauses.ts'

/** Nobody moved the build or the landing since it was read. */
export const workUnchanged = (version: number, status: string): Condition => ({
  name: 'work_unchanged',
  all: [equal('ver', version), equal('status', status)],
})

/** Only work that has something left to do is told anything: it has a timer. */
export const workLives: Condition = {
  name: 'work_lives',
  all: [{ is: 'present', attribute: 'timer' }],
}

/** Of two who tell of the same end, one counts its try; the other finds it counted. */
export const noticeDue = (tries: number): Condition => ({
  name: 'notice_due',
  all: [equal('webhook', 'pending'), equal('tries', tries)],
})
