import type { Clock } from '../clock.ts'
import type { Journal, Opened } from '../journal/journal.ts'
import { makeCall, type Callees } from './calls.ts'
import { commitsTo } from './commits.ts'
import type { Branch, Execution } from './execution.ts'
import type { StatusChange } from './status-change.ts'
import { statusChange } from './status-change.ts'
import { dueOf, onDeadline, onReturn, onTimer, type Seat } from './stimulus.ts'
import { entryOf } from './stored.ts'
import { newToken } from './token.ts'
import type { Turn } from './turn.ts'

export interface TurnOptions extends Callees {
  readonly clock: Clock
  /** From 0 to 1, for jitter. */
  readonly random: () => number
  readonly onStatusChange?: ((change: StatusChange) => void) | undefined
}

/** Takes turns for executions, and does what follows from each turn once the journal has it. */
export interface Turns {
  /**
   * Turns of one execution come one after another.
   * @returns what `work` answers, when the journal has the turn
   */
  take<Answer>(
    execution: Execution,
    work: (turn: Turn) => Answer | Promise<Answer>,
    opened?: Opened,
  ): Promise<Answer>
  /** Arms timers and sends calls of an execution that was read from the journal. */
  resume(execution: Execution): void
  /** The execution and branch that wait for this token. */
  holder(token: string): { readonly execution: Execution; readonly seat: Seat } | undefined
  /** Ends after the turns under way; nothing new is begun. */
  close(executions: Iterable<Execution>): Promise<void>
}

export function turnsOn(
  journal: Journal,
  options: TurnOptions,
  onEnd: (execution: Execution) => void,
): Turns {
  const { clock, random } = options
  const commits = commitsTo(journal)
  const holders = new Map<string, { readonly execution: Execution; readonly seat: Seat }>()
  let closing = false

  const take: Turns['take'] = async (execution, work, opened) => {
    if (closing) throw new Error('the engine is closing')
    const ran = execution.turns.then(async () => {
      const turn = newTurn(execution)
      const answer = await work(turn)
      const entry = entryOf(turn, opened)
      return { answer, journaled: entry && commits.add(entry, () => follow(turn)) }
    })
    execution.turns = ran.catch(() => undefined)
    const { answer, journaled } = await ran
    await journaled
    return answer
  }

  const newTurn = (execution: Execution): Turn => ({
    execution,
    clock,
    random,
    newToken,
    events: [],
    touched: new Set(),
    removed: new Set(),
    calls: new Set(),
    ending: null,
  })

  const follow = ({ execution, touched, removed, calls, ending, events }: Turn): void => {
    for (const branch of removed) forget(branch)
    for (const branch of touched) if (execution.branches.get(branch.id) === branch) watch(execution, branch)
    for (const branch of calls) if (!closing) call(execution, branch)
    if (ending) {
      execution.cancelDeadline?.()
      onEnd(execution)
    }
    if (events[0]?.type === 'ExecutionStarted') {
      watchDeadline(execution)
      options.onStatusChange?.(statusChange(execution, null))
    }
    if (ending) options.onStatusChange?.(statusChange(execution, ending))
  }

  const forget = (branch: Branch): void => {
    branch.cancelTimer?.()
    branch.cancelTimer = undefined
    if (branch.knownBy !== undefined) holders.delete(branch.knownBy)
    branch.knownBy = undefined
  }

  const watch = (execution: Execution, branch: Branch): void => {
    forget(branch)
    const seat = { branch: branch.id, serial: branch.serial }
    if (branch.phase.at === 'task' && branch.phase.token !== null) {
      branch.knownBy = branch.phase.token
      holders.set(branch.knownBy, { execution, seat })
    }
    const due = dueOf(branch)
    if (due === null || closing) return
    branch.cancelTimer = clock.after(due - clock.now(), () =>
      inBackground(() => take(execution, (turn) => onTimer(turn, seat))),
    )
  }

  const watchDeadline = (execution: Execution): void => {
    const { timeoutSeconds } = execution.program
    if (timeoutSeconds === undefined || execution.status !== 'RUNNING' || closing) return
    const due = execution.startedAt + timeoutSeconds * 1000
    execution.cancelDeadline = clock.after(due - clock.now(), () => {
      if (clock.now() < due) watchDeadline(execution)
      else inBackground(() => take(execution, onDeadline))
    })
  }

  const call = (execution: Execution, branch: Branch): void => {
    const { id, serial, phase } = branch
    if (phase.at !== 'task' || phase.submitted) return
    inBackground(async () => {
      const returned = await makeCall(phase.call, options)
      if (!closing) await take(execution, (turn) => onReturn(turn, { branch: id, serial }, returned))
    })
  }

  /** Nobody waits for this work: a fault of the engine or its journal ends the process, not just a promise. */
  const inBackground = (work: () => Promise<unknown>): void => {
    if (closing) return
    work().catch((error: unknown) => {
      if (closing) return
      setImmediate(() => {
        throw error
      })
    })
  }

  return {
    take,
    holder: (token) => holders.get(token),
    resume: (execution) => {
      watchDeadline(execution)
      for (const branch of execution.branches.values()) {
        watch(execution, branch)
        if ((dueOf(branch) ?? Infinity) > clock.now()) call(execution, branch)
      }
    },
    close: async (executions) => {
      closing = true
      const left = [...executions]
      await Promise.all(left.map(({ turns }) => turns))
      commits.flush()
      for (const execution of left) {
        execution.cancelDeadline?.()
        for (const branch of execution.branches.values()) forget(branch)
      }
    },
  }
}
