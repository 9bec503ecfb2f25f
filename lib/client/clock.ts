import { setTimeout as after } from 'node:timers/promises'

/** Time and chance as the client knows them; tests bring their own. */
export interface Clock {
  /** Epoch milliseconds. */
  readonly now: () => number
  /** Rejects with the signal's reason when it aborts, and leaves no timer behind. */
  readonly sleep: (milliseconds: number, signal?: AbortSignal) => Promise<void>
  /** In [0, 1). */
  readonly random: () => number
}

export const systemClock: Clock = {
  now: Date.now,
  random: Math.random,
  sleep: async (milliseconds, signal) => {
    signal?.throwIfAborted()
    try {
      await after(milliseconds, undefined, signal === undefined ? {} : { signal })
    } catch (error) {
      signal?.throwIfAborted()
      throw error
    }
  },
}
