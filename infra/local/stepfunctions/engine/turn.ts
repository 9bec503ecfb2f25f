import { StateFailure } from '../asl/failure.ts'
import type { State } from '../asl/program.ts'
import type { Clock } from '../clock.ts'
import type { Json } from '../json.ts'
import { detailsField, historyLimit, roleArnOf, whole, type Details, type HistoryEvent } from './history.ts'
import { rootBranch, type Branch, type Execution, type Phase } from './execution.ts'

export interface Ending {
  readonly status: 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED'
  readonly output?: string | undefined
  readonly error?: string | undefined
  readonly cause?: string | undefined
  readonly at: number
}

/**
 * All that happens to one execution because of one thing (a start, a result, a token, a timer), until every
 * branch rests again. A turn is journaled as a whole; only then do its calls go out and its caller hear of it.
 */
export interface Turn {
  readonly execution: Execution
  readonly clock: Clock
  readonly random: () => number
  readonly newToken: () => string
  readonly events: HistoryEvent[]
  readonly touched: Set<Branch>
  readonly removed: Set<Branch>
  /** Branches whose call goes out after the journal has the turn. */
  readonly calls: Set<Branch>
  ending: Ending | null
}

/** Adds to the history, after what this branch did last. */
export function record(turn: Turn, branch: Branch, type: string, details?: Details): void {
  const { execution } = turn
  if (execution.lastEventId >= historyLimit - 1) {
    throw new StateFailure('States.Runtime', `The history reached its limit of ${historyLimit} events.`)
  }
  branch.lastEventId = append(turn, branch.lastEventId, type, details)
}

/** The first state follows nothing, as in the service's own histories. */
export function recordStart(turn: Turn, input: string): void {
  const roleArn = roleArnOf(turn.execution.machine.arn)
  append(turn, 0, 'ExecutionStarted', { input, inputDetails: whole, roleArn })
}

export function recordEnd(turn: Turn, previousEventId: number, type: string, details: Details): void {
  append(turn, previousEventId, type, details)
}

function append(turn: Turn, previousEventId: number, type: string, details: Details | undefined): number {
  const id = ++turn.execution.lastEventId
  turn.events.push({
    timestamp: turn.clock.now() / 1000,
    type,
    id,
    previousEventId,
    ...(details && { [detailsField(type)]: details }),
  })
  return id
}

export function rest(turn: Turn, branch: Branch, phase: Phase): void {
  branch.phase = phase
  branch.serial += 1
  turn.touched.add(branch)
}

export function openBranch(
  turn: Turn,
  from: Pick<Branch, 'parent' | 'index' | 'item' | 'variables' | 'lastEventId'> & { input: Json },
): Branch {
  const { execution } = turn
  const branch: Branch = {
    ...from,
    id: from.parent === null ? rootBranch : ++execution.lastBranchId,
    state: '',
    enteredAt: 0,
    retries: [],
    phase: { at: 'start' },
    serial: 0,
    cancelTimer: undefined,
    knownBy: undefined,
  }
  execution.branches.set(branch.id, branch)
  turn.touched.add(branch)
  return branch
}

/** Ends a branch and all branches below it; what they wait for finds nobody. */
export function removeBranch(turn: Turn, branch: Branch): void {
  for (const child of childrenOf(turn, branch)) removeBranch(turn, child)
  turn.execution.branches.delete(branch.id)
  turn.removed.add(branch)
}

export function childrenOf(turn: Turn, branch: Branch): Branch[] {
  return [...turn.execution.branches.values()].filter(({ parent }) => parent === branch.id)
}

export function end(turn: Turn, ending: Omit<Ending, 'at'>): void {
  turn.ending = { ...ending, at: turn.clock.now() }
  turn.execution.status = ending.status
  for (const branch of turn.execution.branches.values()) turn.removed.add(branch)
  turn.execution.branches.clear()
}

/** The state that a branch is in, found through the Map or Parallel states above it. */
export function stateOf(execution: Execution, branch: Branch): State {
  const state = programOf(execution, branch).states.get(branch.state)
  if (!state) throw new Error(`no state ${branch.state} in ${execution.machine.name}`)
  return state
}

export function programOf(execution: Execution, branch: Branch): Execution['program'] {
  const parent = branch.parent === null ? undefined : execution.branches.get(branch.parent)
  if (!parent) return execution.program
  const state = stateOf(execution, parent)
  const program =
    state.type === 'Map'
      ? state.processor
      : state.type === 'Parallel'
        ? state.branches[branch.index]
        : undefined
  if (!program) throw new Error(`no branch ${branch.index} in ${parent.state}`)
  return program
}
