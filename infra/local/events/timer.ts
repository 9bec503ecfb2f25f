import type { Clock } from '../stepfunctions/clock.ts'
import type { Next } from './expression.ts'

/**
 * Calls `fire` with each due instant until it is stopped. Each is reckoned from the schedule, not from the
 * last firing, so nothing drifts; instants missed while the machine slept count as one.
 */
export function startTimer(clock: Clock, next: Next, fire: (due: number) => void): () => void {
  let cancel: () => void = () => {}
  arm(next(clock.now()))
  return () => cancel()

  function arm(due: number | undefined): void {
    if (due === undefined) return
    cancel = clock.after(due - clock.now(), () => {
      const now = clock.now()
      if (now < due) return arm(due)
      arm(next(now))
      return fire(due)
    })
  }
}
