import type { Clock } from '../../../../infra/local/stepfunctions/clock.ts'
import { handClock } from '../../support/clock.ts'

export interface WatchedClock extends Clock {
  advance(milliseconds: number): void
  /** The delay of the timer armed as number `index` since the start, once it is armed. */
  timer(index: number): Promise<number>
  readonly delays: readonly number[]
}

/** A clock that stands still, and says which timers were armed: tests wait for those, not for time. */
export function watchedClock(start?: number): WatchedClock {
  const hands = handClock(start)
  const delays: number[] = []
  const waiting = new Map<number, (delay: number) => void>()
  return {
    now: hands.now,
    advance: (milliseconds) => hands.advance(milliseconds),
    delays,
    after: (milliseconds, fire) => {
      const cancel = hands.after(milliseconds, fire)
      waiting.get(delays.length)?.(milliseconds)
      delays.push(milliseconds)
      return cancel
    },
    timer: async (index) => {
      const { promise, resolve } = Promise.withResolvers<number>()
      const known = delays[index]
      if (known !== undefined) return known
      waiting.set(index, resolve)
      return promise
    },
  }
}
