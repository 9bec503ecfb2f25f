import { evaluationFailure } from '../asl/query.ts'
import { StateFailure } from '../asl/failure.ts'
import type { ChoiceState, FailState, State, WaitState } from '../asl/program.ts'
import type { Branch } from './execution.ts'
import { spreadMap, spreadParallel } from './spread.ts'
import { leave, secondsFrom, type Outcome } from './outcome.ts'
import type { Template } from '../asl/template.ts'
import { scopeOf } from './scope.ts'
import { attempt } from './task.ts'
import type { Turn } from './turn.ts'

/** Works on a state that was entered, or whose backoff is over. */
export async function start(turn: Turn, branch: Branch, state: State): Promise<Outcome> {
  switch (state.type) {
    case 'Task':
      return attempt(turn, branch, state)
    case 'Choice':
      return choose(turn, branch, state)
    case 'Wait':
      return wait(turn, branch, state)
    case 'Pass':
    case 'Succeed':
      return leave(state, scopeOf(turn.execution, branch), branch.input)
    case 'Fail':
      return fail(turn, branch, state)
    case 'Map':
      return spreadMap(turn, branch, state)
    case 'Parallel':
      return spreadParallel(turn, branch, state)
    default:
      return state satisfies never
  }
}

async function choose(turn: Turn, branch: Branch, state: ChoiceState): Promise<Outcome> {
  const scope = scopeOf(turn.execution, branch)
  for (const [index, rule] of state.rules.entries()) {
    const field = `Choices[${index}]/Condition`
    const holds = typeof rule.condition === 'boolean' ? rule.condition : await rule.condition(scope, field)
    if (typeof holds !== 'boolean') {
      throw evaluationFailure(`${field} must be true or false, not ${JSON.stringify(holds)}.`, field)
    }
    if (holds) return leave(rule, scope, branch.input)
  }
  if (!state.otherwise) {
    throw new StateFailure('States.NoChoiceMatched', `No rule of ${state.name} holds and it has no Default.`)
  }
  return leave(state.otherwise, scope, branch.input)
}

async function wait(turn: Turn, branch: Branch, state: WaitState): Promise<Outcome> {
  const scope = scopeOf(turn.execution, branch)
  const now = turn.clock.now()
  if (state.seconds) {
    const until = now + (await secondsFrom(state.seconds, scope, 'Seconds', 0))
    return { kind: 'rest', phase: { at: 'wait', until } }
  }
  const timestamp = state.timestamp && (await state.timestamp(scope))
  const until = typeof timestamp === 'string' ? Date.parse(timestamp) : Number.NaN
  if (Number.isNaN(until)) {
    throw evaluationFailure(
      `Timestamp must be an ISO 8601 instant, not ${JSON.stringify(timestamp)}.`,
      'Timestamp',
    )
  }
  return { kind: 'rest', phase: { at: 'wait', until } }
}

async function fail(turn: Turn, branch: Branch, state: FailState): Promise<Outcome> {
  const scope = scopeOf(turn.execution, branch)
  const text = async (template: Template | undefined, field: string): Promise<string> => {
    const value = template ? await template(scope) : ''
    if (typeof value !== 'string') throw evaluationFailure(`${field} must be a string.`, field)
    return value
  }
  const failure = { error: await text(state.error, 'Error'), cause: await text(state.cause, 'Cause') }
  return { kind: 'lost', failure }
}
