import { textIn } from '../checks/entity.ts'
import type { CommitEvent } from '../watch.ts'

/** What a client that polls would see of its lease, without the polls. */
export interface Statuses {
  readonly committed: (event: CommitEvent) => void
  /** Resolves when the lease is usable, or over. */
  readonly usable: (leaseId: string) => Promise<'active' | 'over'>
  /** How many leases live. */
  readonly living: () => number
  /** How many there have been. */
  readonly made: () => number
}

export function createStatuses(): Statuses {
  const statuses = new Map<string, string>()
  const waiting = new Map<string, ((status: 'active' | 'over') => void)[]>()
  let living = 0

  function settled(status: string | undefined): 'active' | 'over' | undefined {
    if (status === 'active') return 'active'
    return status === undefined || status === 'pending' || status === 'acquired' ? undefined : 'over'
  }

  return {
    committed: ({ after }) => {
      for (const item of after) {
        if (item?.SK !== 'META' || !item.PK.startsWith('L#')) continue
        const id = textIn(item, 'id')
        const status = textIn(item, 'status')
        if (!statuses.has(id)) living += 1
        if (status === 'destroyed' && statuses.get(id) !== 'destroyed') living -= 1
        statuses.set(id, status)
        const now = settled(status)
        if (!now) continue
        for (const tell of waiting.get(id) ?? []) tell(now)
        waiting.delete(id)
      }
    },
    usable: (leaseId) =>
      new Promise((resolve) => {
        const now = settled(statuses.get(leaseId))
        if (now) return resolve(now)
        waiting.set(leaseId, [...(waiting.get(leaseId) ?? []), resolve])
        return undefined
      }),
    living: () => living,
    made: () => statuses.size,
  }
}
