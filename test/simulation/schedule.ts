import { isDeepStrictEqual } from 'node:util'
import type { Functions } from './invocations/functions.ts'
import type { Outside } from './invocations/process.ts'
import type { Execution } from './stepfunctions/execution.ts'
import type { SweepRun } from './watch.ts'

/** What EventBridge calls: the sweep by the minute, and the repair of a lease whose execution ended badly. */
export interface Schedule {
  /** Sweeps from now on, each minute, until it is stopped. */
  begin(): void
  stop(): void
  statusChanged(execution: Execution): void
  /** The sweeps so far, in the order of their starts. */
  sweeps(): readonly SweepRun[]
}

const MINUTE = 60_000

export function createSchedule(outside: Outside, functions: Functions): Schedule {
  const { kernel, faults, random, log } = outside
  const sweeps: SweepRun[] = []
  let going = false

  function sweep(): void {
    const startedAt = kernel.now()
    const faultsBefore = { ...faults.counts() }
    functions.invoke('sweep', {}, (answer) => {
      // Whole: it came to its end while nothing went wrong anywhere.
      const undisturbed = isDeepStrictEqual(faultsBefore, faults.counts())
      const value = answer.ok ? (answer.value as { readonly failed?: number }) : undefined
      const whole = undisturbed && value?.failed === 0
      sweeps.push({ startedAt, endedAt: kernel.now(), whole })
    })
  }

  function minute(): void {
    if (!going) return
    kernel.after(MINUTE, minute)
    if (faults.strikes('sweep skipped')) log.add('schedule', 'a sweep is skipped')
    else sweep()
    if (faults.strikes('sweeps overlapped')) kernel.after(random.between(0, 5_000), sweep)
  }

  return {
    begin: () => {
      going = true
      kernel.after(random.between(0, MINUTE), minute)
    },
    stop: () => {
      going = false
    },
    statusChanged: (execution) => {
      if (execution.machine === 'slot' || faults.strikes('status change lost')) return
      const tell = () =>
        functions.invoke('repair', { detail: { name: execution.name } }, (answer) => {
          log.add('schedule', `repair after ${execution.name}: ${answer.ok ? 'done' : answer.error}`)
        })
      kernel.after(random.between(200, 3_000), tell)
      if (faults.strikes('status change told twice')) kernel.after(random.between(200, 60_000), tell)
    },
    sweeps: () => sweeps,
  }
}
