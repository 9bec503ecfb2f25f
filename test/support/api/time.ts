import type { Clock } from '../../../lib/client/clock.ts'

export interface ManualClock extends Clock {
  /** Sleeps that nobody has ended: a scope that is over must leave none. */
  readonly sleepers: () => number
  /** Lets time pass until the next sleeper is due, once there is one, and wakes it. Resolves with what time it is. */
  readonly next: () => Promise<number>
  readonly advance: (milliseconds: number) => void
}

/** Time passes only when the test says so. */
export function manualClock(start = 0): ManualClock {
  const sleepers = new Set<{ due: number; wake: () => void }>()
  const watchers = new Set<() => void>()
  let now = start
  return {
    now: () => now,
    random: () => 0.5,
    sleep: (milliseconds, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason as Error)
        const stop = () => {
          sleepers.delete(sleeper)
          reject(signal?.reason as Error)
        }
        const sleeper = {
          due: now + milliseconds,
          wake: () => {
            sleepers.delete(sleeper)
            signal?.removeEventListener('abort', stop)
            resolve()
          },
        }
        signal?.addEventListener('abort', stop, { once: true })
        sleepers.add(sleeper)
        for (const watch of watchers) watch()
      }),
    sleepers: () => sleepers.size,
    advance: (milliseconds) => {
      now += milliseconds
    },
    next: async () => {
      if (sleepers.size === 0) {
        await new Promise<void>((resolve) => {
          const watch = () => {
            watchers.delete(watch)
            resolve()
          }
          watchers.add(watch)
        })
      }
      const first = [...sleepers].toSorted((a, b) => a.due - b.due)[0]
      if (first) {
        now = Math.max(now, first.due)
        first.wake()
      }
      return now
    },
  }
}
