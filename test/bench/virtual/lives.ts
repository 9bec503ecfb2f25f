import type { Write } from '../../../lib/app/ports/table.ts'
import { text } from '../../../lib/app/store/attributes.ts'
import { statusOf } from './commits.ts'

/** Leases by what is committed of them: to learn of a status this way asks nothing of the table. */
export interface Lives {
  readonly committed: (writes: readonly Write[]) => void
  readonly tenantOf: (lease: string) => string | undefined
  /** Resolves when the lease has come to that status. */
  readonly became: (lease: string, status: string) => Promise<void>
}

export function createLives(): Lives {
  const reached = new Map<string, Set<string>>()
  const tenants = new Map<string, string>()
  const waiting = new Map<string, (() => void)[]>()
  const name = (lease: string, status: string) => `${lease} ${status}`
  return {
    committed(writes) {
      for (const write of writes) {
        const change = statusOf(write)
        if (!change) continue
        const { lease, status } = change
        if (write.kind === 'put') tenants.set(lease, text(write.item, 'tenant'))
        reached.set(lease, (reached.get(lease) ?? new Set()).add(status))
        for (const go of waiting.get(name(lease, status)) ?? []) go()
        waiting.delete(name(lease, status))
      }
    },
    tenantOf: (lease) => tenants.get(lease),
    became: (lease, status) =>
      reached.get(lease)?.has(status)
        ? Promise.resolve()
        : new Promise((go) => {
            const key = name(lease, status)
            waiting.set(key, [...(waiting.get(key) ?? []), go])
          }),
  }
}
