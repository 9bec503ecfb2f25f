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
  readonly queue: readonly Place[]
  /** Two queries that meet in the middle are one look at the tokens. */
  readonly looks: readonly Look[]
}

interface Look {
  readonly tokens: readonly string[]
  /** How many of them the query answered. */
  readonly count: number
}

const NOBODY: PoolState = { queue: [], tokens: [] }

/** Follows the queues and tokens of all pools, and who has read them. */
export function createQueues() {
  const pools = new Map<string, PoolState>()
  const seen = new Map<string, { queue?: readonly Place[]; looks: readonly Look[] }>()
  const of = (pool: string): PoolState => pools.get(pool) ?? NOBODY

  function seenBy(process: string, pool: string) {
    const key = `${process} ${pool}`
    const known = seen.get(key) ?? { looks: [] }
    seen.set(key, known)
    return known
  }

  return {
    of,
    /** What the process has last read of the pool, if it has read its queue. */
    lastSeen: (process: string, pool: string): Seen | undefined => {
      const { queue, looks } = seenBy(process, pool)
      return queue && { queue, looks }
    },
    read: ({ process, query }: ReadEvent): void => {
      if (!query) return
      const pool = query.PK.slice(2)
      if (query.PK.startsWith('Q#')) seenBy(process, pool).queue = of(pool).queue
      if (!query.PK.startsWith('F#')) return
      const known = seenBy(process, pool)
      const { tokens } = of(pool)
      known.looks = [...known.looks.slice(-1), { tokens, count: countIn(tokens, query) }]
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
