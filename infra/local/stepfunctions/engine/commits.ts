import type { Entry, Journal } from '../journal/journal.ts'

/**
 * Turns that ended in the same round of the event loop are journaled in one transaction; setImmediate costs
 * nothing when nobody else is ready, and many turns share one commit when many are.
 */
export interface Commits {
  /** Resolves when the journal has the entry; `follow` runs first, in the order of the entries. */
  add(entry: Entry, follow: () => void): Promise<void>
  /** Writes what is left, now. */
  flush(): void
}

interface Waiting {
  readonly entry: Entry
  readonly follow: () => void
  readonly done: () => void
  readonly failed: (error: unknown) => void
}

export function commitsTo(journal: Journal): Commits {
  let waiting: Waiting[] = []

  const flush = (): void => {
    const batch = waiting
    waiting = []
    if (batch.length === 0) return
    try {
      journal.write(batch.map(({ entry }) => entry))
    } catch (error) {
      for (const { failed } of batch) failed(error)
      return
    }
    for (const { follow, done } of batch) {
      follow()
      done()
    }
  }
  return {
    flush,
    add: (entry, follow) =>
      new Promise((done, failed) => {
        if (waiting.length === 0) setImmediate(flush)
        waiting.push({ entry, follow, done, failed })
      }),
  }
}
