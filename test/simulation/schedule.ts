import { isDeepStrictEqual } from 'node:util'
import type { Functions } from './invocations/functions.ts'
import type { Outside } from './invocations/process.ts'
import type { Execution } from './stepfunctions/execution.ts'
import type { SweepRun } from './watch.ts'

/** What EventBridge calls: the sweep by the minute, the audit, and the repair of a lease whose execution ended badly. */
export interface Schedule {
  /** Sweeps from now on, each minute, until it is stopped. */
  readonly begin: () => void
  readonly stop: () => void
  readonly statusChanged: (execution: Execution) => void
  /** The sweeps so far, in the order of their starts. */
  readonly sweeps: () => readonly SweepRun[]
}

const MINUTE = 60_000
/** Deployed it is an hour; here every run is to meet some audits. */
const AUDIT_EVERY = 5 * MINUTE

export function createSchedule(
  outside: Outside,
  functions: Functions,
  audited: (mended: Readonly<Record<string, number>>) => void,
): Schedule {
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

  function audit(): void {
    if (!going) return
    kernel.after(AUDIT_EVERY, audit)
    functions.invoke('audit', {}, (answer) => {
      if (answer.ok) audited(answer.value as Readonly<Record<string, number>>)
    })
  }

  return {
    begin: () => {
      going = true
      kernel.after(random.between(0, AUDIT_EVERY), audit)
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
