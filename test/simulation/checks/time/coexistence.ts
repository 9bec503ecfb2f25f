import { textIn } from '../entity.ts'
import type { CreateRule } from '../rule.ts'
import { changesOf } from '../rule.ts'
import type { Lateness } from './patience.ts'
import { isLong, tooLate } from './patience.ts'

/** A handler at work needs some calls, each of at most 150 ms, and some lost races with their pauses. */
const AT_WORK = 6_000

interface Pool {
  /** Since when each waiter and each free token has been there, oldest first. */
  readonly waiters: Map<string, number>
  readonly tokens: Map<string, number>
}

/** P3: a waiter and a free slot that could serve it do not go on side by side. */
export const noCoexistence: CreateRule = ({ conditions }) => {
  const pools = new Map<string, Pool>()
  const found: Lateness[] = []
  let met = 0

  /** How long the oldest two have been side by side. */
  function look(name: string, pool: Pool, at: number): void {
    const [waiter] = pool.waiters
    const [token] = pool.tokens
    if (!waiter || !token) return
    met += 1
    const late: Lateness = {
      what: `lease ${waiter[0]} waited beside a free slot of ${name}`,
      from: Math.max(waiter[1], token[1]),
      until: at,
      allowed: AT_WORK,
      timer: 0,
    }
    if (isLong(late)) found.push(late)
  }

  return {
    says: 'P3 a waiter and a free slot that could serve it do not stay side by side',
    follow(commit) {
      for (const name of commit.pools) {
        const pool = pools.get(name) ?? { waiters: new Map(), tokens: new Map() }
        pools.set(name, pool)
        look(name, pool, commit.at)
        for (const { of, before, after } of changesOf(commit, 'waiter')) {
          if (of.pool === name && !of.parked)
            keep(pool.waiters, textIn(after ?? before, 'lease'), after, commit.at)
        }
        for (const { of, after } of changesOf(commit, 'token')) {
          if (of.pool === name) keep(pool.tokens, of.key, after, commit.at)
        }
      }
    },
    *ended(final) {
      for (const [name, pool] of pools) {
        look(name, pool, final.at)
        const [waiter] = pool.waiters
        if (waiter && pool.tokens.size > 0)
          yield `lease ${waiter[0]} waits beside a free slot of ${name} in the end`
      }
      for (const late of found) {
        const sentence = tooLate(late, { ...conditions, sweeps: final.sweeps })
        if (sentence !== undefined) yield sentence
      }
    },
    counts: () => ({ 'commits with a waiter beside a free slot': met }),
  }
}

function keep(since: Map<string, number>, name: string, there: unknown, at: number): void {
  if (there === undefined) since.delete(name)
  else since.set(name, at)
}
