import type { Item } from '../../../lib/app/ports/table.ts'
import type { Reason } from '../../../lib/domain/lease.ts'
import type { JobReport } from '../clients/report.ts'
import { ends, reasonsOf, requeuesOf } from './ends.ts'
import { holdingsOf } from './holdings.ts'
import { keys } from './keys.ts'
import { inversions } from './order.ts'
import { overlaps } from './overlaps.ts'
import { leaks } from './rest.ts'
import { storiesOf } from './story.ts'

export interface Verdict {
  /** Sentences by the rule that they break. */
  readonly violations: Readonly<Record<Rule, readonly string[]>>
  readonly leases: number
  readonly holdings: number
  readonly reasons: Readonly<Record<string, number>>
  /** Why leases went back into their queue, and how often. */
  readonly requeues: Readonly<Record<string, number>>
}

export type Rule = 'overlaps' | 'inversions' | 'keys' | 'leaks' | 'ends' | 'holders'

/** Holds the whole table, once everything is over, and what clients were told against the rules. */
export function judge(
  items: readonly Item[],
  jobs: readonly JobReport[],
  run: { readonly pool: string; readonly slots: number; readonly reasons: readonly Reason[] },
): Verdict {
  const stories = storiesOf(items)
  const holdings = holdingsOf(stories)
  const standsFrom = new Map(
    jobs.flatMap(({ leases, standsFrom }) => leases.map((lease) => [lease, standsFrom] as const)),
  )
  return {
    violations: {
      overlaps: overlaps(holdings),
      inversions: inversions(stories, holdings, { ...run, standsFrom }),
      keys: keys(stories, jobs),
      leaks: leaks(items, run.slots),
      ends: ends(stories, run.reasons),
      holders: jobs.flatMap(({ key, trouble }) =>
        trouble === undefined ? [] : [`client ${key}: ${trouble}`],
      ),
    },
    leases: stories.length,
    holdings: holdings.length,
    reasons: reasonsOf(stories),
    requeues: requeuesOf(stories),
  }
}

export const violationsOf = ({ violations }: Pick<Verdict, 'violations'>): readonly string[] =>
  Object.entries(violations).flatMap(([rule, found]) => found.map((sentence) => `${rule}: ${sentence}`))
