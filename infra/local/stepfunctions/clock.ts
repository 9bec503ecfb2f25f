/** Time as the engine sees it, so that tests turn the hands themselves. Instants are epoch milliseconds. */
export interface Clock {
  readonly now: () => number
  /** Calls `fire` once after `milliseconds`, perhaps a little early or late; the answer cancels it. */
  readonly after: (milliseconds: number, fire: () => void) => () => void
}

/** Longer timers overflow and fire at once; whoever waits longer looks at the clock and arms again. */
const longestTimer = 2 ** 31 - 1

export const systemClock: Clock = {
  now: () => Date.now(),
  after: (milliseconds, fire) => {
    const timer = setTimeout(fire, Math.min(Math.max(milliseconds, 0), longestTimer))
    return () => clearTimeout(timer)
  },
}
