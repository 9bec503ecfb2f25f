import { failureOf, StateFailure, type Failure } from '../asl/failure.ts'
import type { Json } from '../json.ts'
import type { Branch } from './execution.ts'
import { whole } from './history.ts'
import { enter, exit } from './moves.ts'
import type { Outcome } from './outcome.ts'
import { recover } from './recovery.ts'
import { gather, isGathered, mayStartAnother } from './spread.ts'
import { start } from './states.ts'
import {
  childrenOf,
  end,
  openBranch,
  programOf,
  record,
  recordEnd,
  recordStart,
  removeBranch,
  rest,
  stateOf,
  type Turn,
} from './turn.ts'

export async function beginExecution(turn: Turn): Promise<void> {
  const { execution } = turn
  const { input, inputText } = execution
  const branch = openBranch(turn, {
    parent: null,
    index: 0,
    item: null,
    variables: {},
    lastEventId: 0,
    input,
  })
  recordStart(turn, inputText)
  enter(turn, branch, execution.program.startAt, input, inputText)
  await settle(turn, branch, () => start(turn, branch, stateOf(execution, branch)))
}

/** Does the work and goes on from state to state until the branch rests or ends. */
export async function settle(
  turn: Turn,
  branch: Branch,
  work: () => Outcome | Promise<Outcome>,
): Promise<void> {
  try {
    await goOn(turn, branch, work)
  } catch (thrown) {
    // Past Retry and Catch: the history is full, or the engine itself is at fault. The execution says which.
    if (turn.ending) throw thrown
    loseExecution(turn, branch.lastEventId, failureOf(thrown))
  }
}

async function goOn(turn: Turn, branch: Branch, work: () => Outcome | Promise<Outcome>): Promise<void> {
  let outcome = await guarded(turn, branch, work)
  for (;;) {
    const state = stateOf(turn.execution, branch)
    switch (outcome.kind) {
      case 'rest':
        rest(turn, branch, outcome.phase)
        if (outcome.phase.at === 'task' && !outcome.phase.submitted) turn.calls.add(branch)
        return
      case 'spread':
        rest(turn, branch, outcome.phase)
        return startBranches(turn, branch)
      case 'failed': {
        const { failure } = outcome
        outcome = await guarded(turn, branch, () => recover(turn, branch, state, failure))
        // A catcher's own failure is not caught by its neighbours.
        if (outcome.kind === 'failed') outcome = { kind: 'lost', failure: outcome.failure }
        break
      }
      case 'lost':
        return lose(turn, branch, outcome.failure)
      case 'leave': {
        const { next, output, outputText } = outcome
        exit(turn, branch, outcome)
        if (next === null) return finish(turn, branch, output, outputText)
        enter(turn, branch, next, output, outputText)
        outcome = await guarded(turn, branch, () => start(turn, branch, stateOf(turn.execution, branch)))
      }
    }
  }
}

async function guarded(turn: Turn, branch: Branch, work: () => Outcome | Promise<Outcome>): Promise<Outcome> {
  try {
    return await work()
  } catch (thrown) {
    if (!(thrown instanceof StateFailure)) throw thrown
    const { failure, location } = thrown
    if (location !== undefined) {
      record(turn, branch, 'EvaluationFailed', { ...failure, location, state: branch.state })
    }
    return { kind: 'failed', failure }
  }
}

async function finish(turn: Turn, branch: Branch, output: Json, outputText: string): Promise<void> {
  const parent = parentOf(turn, branch)
  if (!parent) {
    recordEnd(turn, branch.lastEventId, 'ExecutionSucceeded', { output: outputText, outputDetails: whole })
    return end(turn, { status: 'SUCCEEDED', output: outputText })
  }
  const { name, type } = stateOf(turn.execution, parent)
  if (type === 'Map') record(turn, branch, 'MapIterationSucceeded', { name, index: branch.index })
  removeBranch(turn, branch)
  const { phase } = parent
  if (phase.at !== 'branches') throw new Error(`${name} has branches but does not wait for them`)
  parent.phase = { ...phase, outputs: { ...phase.outputs, [branch.index]: output } }
  parent.lastEventId = branch.lastEventId
  return startBranches(turn, parent)
}

/** Starts as many branches as may run, and goes on when all are done. Safe to call from a branch's own end. */
async function startBranches(turn: Turn, parent: Branch): Promise<void> {
  const { execution } = turn
  const { serial, lastEventId } = parent
  const state = stateOf(execution, parent)
  turn.touched.add(parent)
  while (execution.branches.get(parent.id) === parent && parent.serial === serial) {
    const { phase } = parent
    if ((state.type !== 'Map' && state.type !== 'Parallel') || phase.at !== 'branches') return
    if (isGathered(phase)) return settle(turn, parent, () => gather(turn, parent, state, phase))
    if (!mayStartAnother(phase)) return
    const index = phase.started
    parent.phase = { ...phase, started: index + 1 }
    await startBranch(turn, parent, index, phase.inputs[index] ?? null, lastEventId)
  }
}

async function startBranch(
  turn: Turn,
  parent: Branch,
  index: number,
  input: Json,
  after: number,
): Promise<void> {
  const { name, type } = stateOf(turn.execution, parent)
  const inputText = JSON.stringify(input)
  const item = type === 'Map' ? { Index: index, Value: input } : null
  const { variables } = parent
  const branch = openBranch(turn, {
    parent: parent.id,
    index,
    item,
    variables,
    lastEventId: after,
    input,
  })
  if (type === 'Map') record(turn, branch, 'MapIterationStarted', { name, index })
  enter(turn, branch, programOf(turn.execution, branch).startAt, input, inputText)
  await settle(turn, branch, () => start(turn, branch, stateOf(turn.execution, branch)))
}

async function lose(turn: Turn, branch: Branch, failure: Failure): Promise<void> {
  const parent = parentOf(turn, branch)
  if (!parent) return loseExecution(turn, branch.lastEventId, failure)
  const { name, type } = stateOf(turn.execution, parent)
  if (type === 'Map') {
    record(turn, branch, 'MapIterationFailed', { name, index: branch.index })
    for (const other of childrenOf(turn, parent)) {
      if (other !== branch) record(turn, other, 'MapIterationAborted', { name, index: other.index })
    }
  }
  for (const child of childrenOf(turn, parent)) removeBranch(turn, child)
  parent.lastEventId = branch.lastEventId
  record(turn, parent, `${type}StateFailed`)
  return settle(turn, parent, () => ({ kind: 'failed', failure }))
}

function loseExecution(turn: Turn, previousEventId: number, { error, cause }: Failure): void {
  recordEnd(turn, previousEventId, 'ExecutionFailed', { error, cause })
  end(turn, { status: 'FAILED', error, cause })
}

function parentOf(turn: Turn, branch: Branch): Branch | undefined {
  return branch.parent === null ? undefined : turn.execution.branches.get(branch.parent)
}
