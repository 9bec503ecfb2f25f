import type { Query } from '../../../../lib/app/ports/table.ts'
import type { ReadEvent } from '../../watch.ts'
import { textIn } from '../entity.ts'
import type { Commit } from '../rule.ts'
import { changesOf } from '../rule.ts'

export interface Place {
  readonly key: string
  readonly lease: string
}

/** A pool as it stood at some moment. Both lists are replaced, never changed: the same one means that nothing happened. */
export interface PoolState {
  /** Who waits, in order; parked ones do not. */
  readonly queue: readonly Place[]
  /** Keys of the free tokens. */
  readonly tokens: readonly string[]
}

/** What a process last saw of a pool. */
export interface Seen {
  /** The pool at its last reads of the queue, the last one last. */
  readonly reads: readonly PoolState[]
  /** How many tokens its last queries for them answered, the last one last. */
  readonly tokens: readonly number[]
}

/** A sweep looks at a pool for several leases at once: any of its last reads may have been the one that counts. */
const SIDE_BY_SIDE = 8

const NOBODY: PoolState = { queue: [], tokens: [] }

/** Follows the queues and tokens of all pools, and who has read them. */
export function createQueues() {
  const pools = new Map<string, PoolState>()
  const seen = new Map<string, Seen>()
  const of = (pool: string): PoolState => pools.get(pool) ?? NOBODY
  const lastSeen = (process: string, pool: string): Seen =>
    seen.get(`${process} ${pool}`) ?? { reads: [], tokens: [] }

  return {
    of,
    /** What the process has read of the pool so far, as far back as it may matter. */
    lastSeen,
    read: ({ process, query }: ReadEvent): void => {
      const kind = query?.PK.slice(0, 2)
      if (!query || (kind !== 'Q#' && kind !== 'F#')) return
      const pool = query.PK.slice(2)
      const { reads, tokens } = lastSeen(process, pool)
      const back = process.startsWith('sweep#') ? SIDE_BY_SIDE : 1
      // Two queries that meet in the middle are one look at the tokens.
      const after =
        kind === 'Q#'
          ? { reads: [...reads, of(pool)].slice(-back), tokens }
          : { reads, tokens: [...tokens, countIn(of(pool).tokens, query)].slice(-2 * back) }
      seen.set(`${process} ${pool}`, after)
    },
    committed: (commit: Commit): void => {
      for (const { of: waiter, after } of changesOf(commit, 'waiter')) {
        if (waiter.parked) continue
        const state = of(waiter.pool)
        const queue = state.queue.filter(({ key }) => key !== waiter.key)
        if (after)
          queue.splice(placeIn(queue, waiter.key), 0, { key: waiter.key, lease: textIn(after, 'lease') })
        pools.set(waiter.pool, { ...state, queue })
      }
      for (const { of: token, after } of changesOf(commit, 'token')) {
        const state = of(token.pool)
        const others = state.tokens.filter((key) => key !== token.key)
        pools.set(token.pool, { ...state, tokens: after ? [...others, token.key] : others })
      }
    },
  }
}

function placeIn(queue: readonly Place[], key: string): number {
  const at = queue.findIndex((place) => place.key > key)
  return at < 0 ? queue.length : at
}

const countIn = (tokens: readonly string[], { from = '', to, limit }: Query): number =>
  Math.min(limit, tokens.filter((key) => key >= from && (to === undefined || key <= to)).length)
