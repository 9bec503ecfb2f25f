import type { Query } from '../../../../lib/app/ports/table.ts'
import { textIn } from '../entity.ts'
import { changesOf } from '../rule.ts'
import type { CreateRule } from '../rule.ts'
import { acquisitionsIn } from './queue-order.ts'

/** A host's failure is not the lease's: it is tried elsewhere, where somebody who serves it sees such a place. */
export const triedElsewhere: CreateRule = ({ shadow }) => {
  /** Of each pool the free tokens by key, each with its host. */
  const tokens = new Map<string, Map<string, string>>()
  /** Hosts with a free slot that a process has seen when it looked last. */
  const seen = new Map<string, readonly string[]>()
  let judged = 0

  return {
    says: 'a lease that a host has failed is given a slot of another one, where there is one',
    read: ({ process, query }) => {
      if (query?.PK.startsWith('F#') !== true) return
      seen.set(`${process} ${query.PK.slice(2)}`, hostsIn(tokens.get(query.PK.slice(2)), query))
    },
    *committed(commit) {
      for (const { of, before, after } of changesOf(commit, 'token')) {
        const pool = tokens.get(of.pool) ?? new Map<string, string>()
        tokens.set(of.pool, pool)
        if (after) pool.set(of.key, textIn(after, 'host'))
        else if (before) pool.delete(of.key)
      }
      // A sweep looks at one pool for several leases at once.
      if (commit.process.startsWith('sweep#')) return
      for (const { lease, pool, handedOver } of acquisitionsIn(commit)) {
        const item = shadow.leases.get(lease)
        const failed = failedOf(item?.['failures'])
        if (handedOver || failed.length === 0) continue
        judged += 1
        const { host } = (item?.['slot'] ?? {}) as { readonly host?: string }
        const other = (seen.get(`${commit.process} ${pool}`) ?? []).find((name) => !failed.includes(name))
        if (failed.includes(host ?? '') && other !== undefined)
          yield `lease ${lease} was given a slot of ${host ?? 'nothing'} again, and ${other} had a free one`
      }
    },
    counts: () => ({ 'leases tried again from a free slot': judged }),
  }
}

const failedOf = (failures: unknown): readonly string[] =>
  Array.isArray(failures) ? (failures as { readonly host: string }[]).map(({ host }) => host) : []

function hostsIn(
  pool: ReadonlyMap<string, string> = new Map(),
  { from = '', to, limit }: Query,
): readonly string[] {
  return [...pool]
    .filter(([key]) => key >= from && (to === undefined || key <= to))
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .slice(0, limit)
    .map(([, host]) => host)
}
