import type { TaskState } from '../asl/program.ts'
import { leave } from './outcome.ts'
import { rootBranch, type Branch } from './execution.ts'
import { settle } from './flow.ts'
import { scopeOf } from './scope.ts'
import { start } from './states.ts'
import { afterCall, failedTask, succeededTask, type Returned, type TaskPhase } from './task.ts'
import { end, recordEnd, stateOf, type Turn } from './turn.ts'

/** A branch, as somebody remembers it who waits for something on its behalf. */
export interface Seat {
  readonly branch: number
  readonly serial: number
}

/** A call is back. Too late (its token was used, it timed out, the execution ended) is nothing to anybody. */
export async function onReturn(turn: Turn, seat: Seat, returned: Returned): Promise<void> {
  const task = seatedTask(turn, seat)
  if (!task || task.phase.submitted) return
  const { branch, state, phase } = task
  await settle(turn, branch, () => afterCall(turn, branch, state, phase, returned))
}

/** @returns false when the token's state has moved on. */
export async function onToken(turn: Turn, seat: Seat, token: string, returned: Returned): Promise<boolean> {
  const task = holderOf(turn, seat, token)
  if (!task) return false
  const { branch, state } = task
  await settle(turn, branch, () =>
    returned.ok
      ? succeededTask(turn, branch, state, returned.output)
      : failedTask(turn, branch, state, 'Failed', returned),
  )
  return true
}

/** Puts the end of the heartbeat off. No history event, no new phase: a call under way stays awaited. */
export function onHeartbeat(turn: Turn, seat: Seat, token: string): boolean {
  const task = holderOf(turn, seat, token)
  if (!task) return false
  const { branch, phase } = task
  const heartbeatAt = phase.heartbeatMs === null ? null : turn.clock.now() + phase.heartbeatMs
  branch.phase = { ...phase, heartbeatAt }
  turn.touched.add(branch)
  return true
}

/** A timer rang. If the clock says that it is too early, the branch is only armed again. */
export async function onTimer(turn: Turn, seat: Seat): Promise<void> {
  const branch = turn.execution.branches.get(seat.branch)
  if (!branch || branch.serial !== seat.serial) return
  const due = dueOf(branch)
  if (due === null || turn.clock.now() < due) {
    turn.touched.add(branch)
    return
  }
  const state = stateOf(turn.execution, branch)
  if (branch.phase.at === 'backoff') return settle(turn, branch, () => start(turn, branch, state))
  if (state.type === 'Wait') {
    return settle(turn, branch, () => leave(state, scopeOf(turn.execution, branch), branch.input))
  }
  if (state.type !== 'Task' || branch.phase.at !== 'task') return
  const failure =
    branch.phase.timeoutAt === due
      ? { error: 'States.Timeout', cause: '' }
      : { error: 'States.HeartbeatTimeout', cause: '' }
  return settle(turn, branch, () => failedTask(turn, branch, state, 'TimedOut', failure))
}

/** When the branch must be looked at again, in epoch milliseconds. */
export function dueOf({ phase }: Branch): number | null {
  if (phase.at === 'wait' || phase.at === 'backoff') return phase.until
  if (phase.at !== 'task') return null
  const due = Math.min(phase.timeoutAt ?? Infinity, phase.heartbeatAt ?? Infinity)
  return due === Infinity ? null : due
}

type Task = { readonly branch: Branch; readonly state: TaskState; readonly phase: TaskPhase }

function seatedTask(turn: Turn, seat: Seat): Task | undefined {
  const branch = turn.execution.branches.get(seat.branch)
  return branch?.serial === seat.serial ? taskOf(turn, branch) : undefined
}

function holderOf(turn: Turn, seat: Seat, token: string): Task | undefined {
  const branch = turn.execution.branches.get(seat.branch)
  const task = branch && taskOf(turn, branch)
  return task?.phase.token === token ? task : undefined
}

function taskOf(turn: Turn, branch: Branch): Task | undefined {
  const state = stateOf(turn.execution, branch)
  return state.type === 'Task' && branch.phase.at === 'task'
    ? { branch, state, phase: branch.phase }
    : undefined
}

/** The machine's own TimeoutSeconds are over. */
export function onDeadline(turn: Turn): void {
  if (turn.execution.status !== 'RUNNING') return
  recordEnd(turn, lastEventOf(turn), 'ExecutionTimedOut', {})
  end(turn, { status: 'TIMED_OUT' })
}

/** @returns false when the execution has ended already */
export function onStop(turn: Turn, error: string | undefined, cause: string | undefined): boolean {
  if (turn.execution.status !== 'RUNNING') return false
  recordEnd(turn, lastEventOf(turn), 'ExecutionAborted', { error, cause })
  end(turn, { status: 'ABORTED', error, cause })
  return true
}

function lastEventOf({ execution }: Turn): number {
  return execution.branches.get(rootBranch)?.lastEventId ?? 0
}
