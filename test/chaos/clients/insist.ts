import { setTimeout as delay } from 'node:timers/promises'
import { ProblemError, UnreachableError } from '../../../lib/client/errors.ts'

/** Pauses before the same request is sent again grow from one to the other, by chance, milliseconds. */
const FIRST = 400
const LONGEST = 5_000

export interface Patience {
  readonly random: () => number
  /** Epoch milliseconds. */
  readonly until: number
  /** Told of each request that the service failed or did not answer, and how. */
  readonly onFailed: (how: string) => void
}

/** Sends a request until it is answered by the service itself; whatever else goes wrong on the way is tried again. */
export async function insist<T>(send: () => Promise<T>, { random, until, onFailed }: Patience): Promise<T> {
  for (let longest = FIRST; ; longest = Math.min(2 * longest, LONGEST)) {
    try {
      return await send()
    } catch (error) {
      const how = passing(error)
      if (how === undefined || Date.now() > until) throw error
      onFailed(how)
      await delay(random() * longest)
    }
  }
}

/** What a failure that need not come again is called. */
function passing(error: unknown): string | undefined {
  if (error instanceof UnreachableError) return 'no answer'
  const again = error instanceof ProblemError && (error.status === 429 || error.status >= 500)
  return again ? `${error.status} ${error.code}` : undefined
}
