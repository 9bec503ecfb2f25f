/** The name under which callers and state machines know `TableBusy`. */
export const TABLE_BUSY = 'TableBusy'

/** The table gave no decision within the budget. Where `inDoubt`, the write may have been done. */
export class TableBusy extends Error {
  override readonly name = TABLE_BUSY
  readonly tries: number
  readonly inDoubt: boolean

  constructor(operation: string, tries: number, inDoubt: boolean, cause: unknown) {
    super(`${operation}: no decision after ${tries} tries${inDoubt ? ', it may have been done' : ''}`, {
      cause,
    })
    this.tries = tries
    this.inDoubt = inDoubt
  }
}

export interface Pace {
  /** Uniform in 0..1. */
  readonly random: () => number
  readonly sleep: (ms: number) => Promise<void>
}

/** Why a try gave no answer: nothing was done, something may have been done, or it also took the whole timeout. */
export type Miss = 'busy' | 'unanswered' | 'silent'

/**
 * Twelve quick misses wait 5.3 s at most in sum, half of that on average. A silent one has already cost the request
 * timeout (3 s) and counts for three, because whoever asked over HTTP has 30 s for everything.
 */
export const budget = {
  tries: 12,
  baseMs: 10,
  capMs: 1_000,
  cost: { busy: 1, unanswered: 1, silent: 3 },
} as const

/** Full jitter: contenders that met once spread over the whole interval instead of meeting again. */
export function delayAfter(tries: number, random: () => number): number {
  return random() * Math.min(budget.capMs, budget.baseMs * 2 ** (tries - 1))
}

/**
 * Tries until there is an answer.
 * `read` turns an error into an answer, or names the miss, or calls it a fault, which is thrown as it is.
 * @throws TableBusy when the budget is spent
 */
export async function persist<Answer extends object>(
  operation: string,
  pace: Pace,
  attempt: (tries: number) => Promise<Answer>,
  read: (error: unknown) => Answer | Miss | 'fault',
): Promise<Answer> {
  let spent = 0
  let inDoubt = false
  for (let tries = 1; ; tries++) {
    try {
      return await attempt(tries)
    } catch (error) {
      const meaning = read(error)
      if (meaning === 'fault') throw error
      if (typeof meaning === 'object') return meaning
      spent += budget.cost[meaning]
      inDoubt ||= meaning !== 'busy'
      if (spent >= budget.tries) throw new TableBusy(operation, tries, inDoubt, error)
      await pace.sleep(delayAfter(tries, pace.random))
    }
  }
}
