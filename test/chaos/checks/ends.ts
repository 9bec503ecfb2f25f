import type { Reason } from '../../../lib/domain/lease.ts'
import type { Story } from './story.ts'

/** Leases that are not destroyed, or for a reason that nothing in this run gave. */
export const ends = (stories: readonly Story[], reasons: readonly Reason[]): readonly string[] =>
  stories.flatMap(({ lease }) => {
    if (lease.status !== 'destroyed') return [`${lease.id} is ${lease.status}, not destroyed`]
    if (reasons.includes(lease.reason)) return []
    return [`${lease.id} was destroyed because ${lease.reason}: ${lease.detail ?? 'no detail'}`]
  })

export function reasonsOf(stories: readonly Story[]): Readonly<Record<string, number>> {
  const reasons = Map.groupBy(stories, ({ lease }) => ('reason' in lease ? lease.reason : lease.status))
  return Object.fromEntries([...reasons].map(([reason, own]) => [reason, own.length]))
}

export function requeuesOf(stories: readonly Story[]): Readonly<Record<string, number>> {
  const requeues = stories.flatMap(({ events }) => events.filter(({ type }) => type === 'requeued'))
  const codes = Map.groupBy(requeues, ({ detail }) => String(detail?.['code']))
  return Object.fromEntries([...codes].map(([code, own]) => [code, own.length]))
}
