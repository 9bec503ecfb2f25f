import type { Outcome, Table, Write } from '../../../lib/app/ports/table.ts'
import { text } from '../../../lib/app/store/attributes.ts'

/** A table that tells of each commit at the instant at which it is made. */
export function announcing(inner: Table, told: (writes: readonly Write[]) => void): Table {
  const after = (writes: readonly Write[], outcome: Outcome): Outcome => {
    if (outcome.committed) told(writes)
    return outcome
  }
  return {
    get: (key) => inner.get(key),
    getAll: (keys) => inner.getAll(keys),
    query: (query) => inner.query(query),
    write: async (write) => after([write], await inner.write(write)),
    transact: async (opId, writes) => after(writes, await inner.transact(opId, writes)),
  }
}

/** The status that this write gives a lease, with the lease. */
export function statusOf(write: Write): { readonly lease: string; readonly status: string } | undefined {
  if (write.kind === 'put' && write.item.SK === 'META' && write.item.PK.startsWith('L#')) {
    return { lease: write.item.PK.slice(2), status: text(write.item, 'status') }
  }
  if (write.kind !== 'update' || write.key.SK !== 'META' || !write.key.PK.startsWith('L#')) return undefined
  const status = write.set['status']
  return typeof status === 'string' ? { lease: write.key.PK.slice(2), status } : undefined
}
