import type { WorkKind } from '../../domain/work.ts'
import { workOf } from '../../domain/work.ts'
import type { Ports } from '../ports/ports.ts'
import { tokenUnused } from '../store/conditions/lease.ts'
import { workLives } from '../store/conditions/work.ts'
import { workKey } from '../store/keys.ts'

type Needs = Pick<Ports, 'table' | 'executions' | 'journal'>

/**
 * Tells the execution of a build or a landing that something happened to what it waits for. Counted in its record
 * first: what happens elsewhere between its look and its wait would be missed otherwise, as it waits only on condition
 * that the count is the one that it has seen. Advice only: its own timeout and its timer find what was not told.
 */
export async function tellWork(ports: Needs, kind: WorkKind, id: string): Promise<void> {
  const key = workKey(kind, id)
  const told = await ports.table.write({ kind: 'update', key, set: {}, add: { told: 1 }, when: workLives })
  const token = told.committed ? told.item?.['taskToken'] : undefined
  if (typeof token !== 'string') return
  try {
    await ports.executions.awaken(token)
  } catch (error) {
    ports.journal.warn('an execution could not be awakened', { kind, id, fault: String(error) })
    return
  }
  await ports.table.write({ kind: 'update', key, set: {}, remove: ['taskToken'], when: tokenUnused(token) })
}

/** A lease became active or ended, or a command in it did: the work that it was made by, if any, is told. */
export async function tellOwner(ports: Needs, lease: { readonly owner: string }): Promise<void> {
  const work = workOf(lease.owner)
  if (work) await tellWork(ports, work.kind, work.id)
}
