interface Closable {
  close(): Promise<void>
}

/** First who takes work in, last who keeps state: what closes may still need what comes after it. */
const closingOrder = [
  'http',
  'schedules',
  'events',
  'states',
  'integrations',
  'functions',
  'ssm',
  'tables',
] as const
export type Part = (typeof closingOrder)[number]

/** The running parts of a stack. They start in any order and close in one. */
export function collectParts() {
  const parts = new Map<Part, Promise<Closable>>()
  return {
    /** Remembers a part from the moment at which its start begins. */
    add<T extends Closable>(part: Part, start: Promise<T>): Promise<T> {
      parts.set(part, start)
      return start
    },

    /** Closes all that started, even if some fail to; throws the failures together. */
    async close(): Promise<void> {
      const failures: unknown[] = []
      for (const name of closingOrder) {
        // Whoever waits for the start has seen its failure; there is nothing to close then.
        const part = await parts.get(name)?.catch(() => undefined)
        parts.delete(name)
        await part?.close().catch((error: unknown) => failures.push(error))
      }
      if (failures.length > 0) throw new AggregateError(failures, 'parts of the stack did not close')
    },
  }
}
