/** Time as the stand-in sees it: epoch milliseconds, and actions after a number of milliseconds. */
export type Clock = {
  readonly now: () => number
  /** Calls the action once, later; the answer cancels it. */
  readonly after: (milliseconds: number, action: () => void) => () => void
}

export const systemClock: Clock = {
  now: Date.now,
  after(milliseconds, action) {
    const timer = setTimeout(action, milliseconds)
    return () => clearTimeout(timer)
  },
}
