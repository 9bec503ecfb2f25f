import type { Clock } from '../../../infra/local/lambda/clock.ts'

export type ManualClock = Clock & {
  /** Moves time on and runs what became due, in order. */
  readonly advance: (milliseconds: number) => void
  /** How many actions wait. */
  readonly pending: () => number
}

/** A clock that stands still until told to move. */
export function manualClock(start = 1_800_000_000_000): ManualClock {
  let now = start
  const actions = new Set<{ readonly due: number; readonly action: () => void }>()
  return {
    now: () => now,
    after(milliseconds, action) {
      const entry = { due: now + milliseconds, action }
      actions.add(entry)
      return () => void actions.delete(entry)
    },
    advance(milliseconds) {
      const target = now + milliseconds
      for (;;) {
        const next = [...actions].filter(({ due }) => due <= target).toSorted((a, b) => a.due - b.due)[0]
        if (next === undefined) break
        actions.delete(next)
        now = next.due
        next.action()
      }
      now = target
    },
    pending: () => actions.size,
  }
}
