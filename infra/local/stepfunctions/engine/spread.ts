import { evaluationFailure } from '../asl/query.ts'
import type { MapState, ParallelState } from '../asl/program.ts'
import type { Json } from '../json.ts'
import type { Branch, Phase } from './execution.ts'
import type { Outcome } from './outcome.ts'
import { leave } from './outcome.ts'
import { scopeOf } from './scope.ts'
import { record, type Turn } from './turn.ts'

export type BranchesPhase = Extract<Phase, { at: 'branches' }>

export async function spreadParallel(turn: Turn, branch: Branch, state: ParallelState): Promise<Outcome> {
  const scope = scopeOf(turn.execution, branch)
  const input = state.arguments ? await state.arguments(scope) : branch.input
  record(turn, branch, 'ParallelStateStarted')
  return spread(
    state.branches.map(() => input),
    Infinity,
  )
}

export async function spreadMap(turn: Turn, branch: Branch, state: MapState): Promise<Outcome> {
  const scope = scopeOf(turn.execution, branch)
  const items = state.items ? await state.items(scope) : branch.input
  if (!Array.isArray(items)) throw evaluationFailure('Items must be an array.', 'Items')
  const concurrency = state.maxConcurrency ? await state.maxConcurrency(scope) : 0
  if (typeof concurrency !== 'number' || !Number.isInteger(concurrency) || concurrency < 0) {
    throw evaluationFailure('MaxConcurrency must be a whole number from 0.', 'MaxConcurrency')
  }
  const inputs: Json[] = []
  for (const [Index, Value] of (items as readonly Json[]).entries()) {
    const item = { Index, Value }
    inputs.push(state.selector ? await state.selector(scopeOf(turn.execution, branch, { item })) : Value)
  }
  record(turn, branch, 'MapStateStarted', { length: inputs.length })
  return spread(inputs, concurrency === 0 ? Infinity : concurrency)
}

/** JSON knows no Infinity, and the phase is journaled: no limit is written as one branch per input. */
function spread(inputs: readonly Json[], limit: number): Outcome {
  const maxConcurrency = Math.min(limit, Math.max(inputs.length, 1))
  return { kind: 'spread', phase: { at: 'branches', inputs, maxConcurrency, started: 0, outputs: {} } }
}

export function isGathered({ inputs, outputs }: BranchesPhase): boolean {
  return Object.keys(outputs).length === inputs.length
}

export function mayStartAnother({ inputs, outputs, started, maxConcurrency }: BranchesPhase): boolean {
  return started < inputs.length && started - Object.keys(outputs).length < maxConcurrency
}

/** All branches are done: their outputs, in the order of the inputs, are the state's result. */
export function gather(
  turn: Turn,
  branch: Branch,
  state: MapState | ParallelState,
  { inputs, outputs }: BranchesPhase,
): Promise<Outcome> {
  const result = inputs.map((_, index) => outputs[index] ?? null)
  record(turn, branch, `${state.type}StateSucceeded`)
  return leave(state, scopeOf(turn.execution, branch, { result }), result)
}
