import type { JobReport } from '../clients/report.ts'
import type { Story } from './story.ts'

/** Each key made exactly one lease, every answer to it named that lease with one and the same token, and no others exist. */
export function keys(stories: readonly Story[], jobs: readonly JobReport[]): readonly string[] {
  const own = jobs.flatMap(({ leases, tokens, key }) => {
    if (leases.length !== 1) return [`key ${key} made ${leases.length} leases: ${leases.join(', ')}`]
    return tokens === 1 ? [] : [`the lease of key ${key} was answered with ${tokens} tokens`]
  })
  const named = new Set(jobs.flatMap(({ leases }) => leases))
  const strangers = stories.filter(({ lease }) => !named.has(lease.id)).map(({ lease }) => lease.id)
  const known = new Set(stories.map(({ lease }) => lease.id))
  const lost = [...named].filter((id) => !known.has(id))
  return [
    ...own,
    ...strangers.map((id) => `nobody was told of lease ${id}`),
    ...lost.map((id) => `lease ${id} was answered and is not in the table`),
    ...(named.size === jobs.length ? [] : [`${jobs.length} keys made ${named.size} leases`]),
  ]
}
