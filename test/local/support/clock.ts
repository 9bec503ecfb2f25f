import type { Clock } from '../../../infra/local/stepfunctions/clock.ts'

export interface HandClock extends Clock {
  /** Moves the hands and fires, in order, whatever becomes due on the way. */
  advance(milliseconds: number): void
  /** How many timers are armed. */
  armed(): number
}

/** A clock that stands still until it is told to go on. */
export function handClock(start = Date.UTC(2026, 0, 1)): HandClock {
  let now = start
  const timers = new Map<object, { readonly due: number; readonly fire: () => void }>()
  const clock: HandClock = {
    now: () => now,
    after(milliseconds, fire) {
      const key = {}
      timers.set(key, { due: now + milliseconds, fire })
      return () => void timers.delete(key)
    },
    advance(milliseconds) {
      const end = now + milliseconds
      for (;;) {
        const [next] = [...timers].filter(([, { due }]) => due <= end).toSorted((a, b) => a[1].due - b[1].due)
        if (!next) break
        timers.delete(next[0])
        now = Math.max(now, next[1].due)
        next[1].fire()
      }
      now = end
    },
    armed: () => timers.size,
  }
  return clock
}
