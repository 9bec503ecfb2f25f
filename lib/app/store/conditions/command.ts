import type { Condition } from '../../ports/table.ts'
import { equal } from './clauses.ts'

/** Only a lease that is usable starts commands, each with a number of its own. */
export const nextCommandOf = (now: number, commands: number): Condition => ({
  name: 'next_command',
  all: [
    equal('status', 'active'),
    { is: 'above', attribute: 'expiresAt', value: now },
    equal('commands', commands),
  ],
})

/** One follower at a time appends output: the one that knows where the last one stopped. */
export const outputAt = (stdout: number, stderr: number): Condition => ({
  name: 'output_at',
  all: [
    equal('stdoutBytes', stdout),
    equal('stderrBytes', stderr),
    { is: 'one-of', attribute: 'status', values: ['starting', 'running'] },
  ],
})

/** What has ended is not asked to end: its record says how it did. */
export const commandNotEnded: Condition = {
  name: 'command_not_ended',
  all: [{ is: 'one-of', attribute: 'status', values: ['starting', 'running'] }],
}
