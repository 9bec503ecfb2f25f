import { matches, type Failure } from '../asl/failure.ts'
import type { Retrier } from '../asl/definition.ts'
import type { State } from '../asl/program.ts'
import type { Branch } from './execution.ts'
import { leave, type Outcome } from './outcome.ts'
import { scopeOf } from './scope.ts'
import type { Turn } from './turn.ts'

/** Asks Retry, then Catch; the first retrier that names the error governs, used up or not. */
export async function recover(turn: Turn, branch: Branch, state: State, failure: Failure): Promise<Outcome> {
  if (!('retriers' in state)) return { kind: 'lost', failure }
  const index = state.retriers.findIndex(({ ErrorEquals }) => matches(ErrorEquals, failure.error))
  const retrier = state.retriers[index]
  const used = branch.retries[index] ?? 0
  if (retrier && used < retrier.MaxAttempts) {
    branch.retries = Array.from(state.retriers, (_, at) => (branch.retries[at] ?? 0) + (at === index ? 1 : 0))
    const until = turn.clock.now() + delayOf(retrier, used, turn.random)
    return { kind: 'rest', phase: { at: 'backoff', until } }
  }
  const catcher = state.catchers.find(({ errorEquals }) => matches(errorEquals, failure.error))
  if (!catcher) return { kind: 'lost', failure }
  const errorOutput = { Error: failure.error, Cause: failure.cause }
  return leave(catcher, scopeOf(turn.execution, branch, { errorOutput }), errorOutput)
}

/** @returns milliseconds before attempt `used + 2` */
function delayOf(retrier: Retrier, used: number, random: () => number): number {
  const longest = retrier.MaxDelaySeconds ?? Infinity
  const seconds = Math.min(retrier.IntervalSeconds * retrier.BackoffRate ** used, longest)
  return Math.round(seconds * 1000 * (retrier.JitterStrategy === 'FULL' ? random() : 1))
}
