import type { Work, WorkKind, WorkStep } from '../../domain/work.ts'
import type { Condition, Write } from '../ports/table.ts'
import { notThereYet, stillThere } from '../store/conditions/any-item.ts'
import { workUnchanged } from '../store/conditions/work.ts'
import { tenantWorkKey, timerKey, workKey } from '../store/keys.ts'
import { difference } from '../store/lease-item.ts'
import { workCollectableAt, workEventItem, workItem, workTimerItem } from '../store/work-item.ts'

/** The writes by which a build or a landing comes to be: record, first event, timer, and its tenant's list. */
export function beginWork(opId: string, kind: WorkKind, { work, event }: WorkStep<Work>): readonly Write[] {
  const listed = { ...tenantWorkKey(kind, work.tenant, work.id), ttl: workCollectableAt(work.createdAt) }
  return [
    { kind: 'put', item: { ...workItem(kind, work), told: 0, opId }, when: notThereYet },
    { kind: 'put', item: workEventItem(kind, work, event), when: notThereYet },
    { kind: 'put', item: listed, when: notThereYet },
    ...retimeWork(kind, { ...work, timer: undefined }, work.timer),
  ]
}

/** The writes that every transition of a build or a landing consists of: the record, its event and its timer. */
export function moveWork(
  opId: string,
  kind: WorkKind,
  before: Work,
  { work: after, event }: WorkStep<Work>,
  when: Condition = workUnchanged(before.version, before.status),
): readonly Write[] {
  const { set, remove } = difference(workItem(kind, before), workItem(kind, after))
  return [
    { kind: 'update', key: workKey(kind, before.id), set: { ...set, opId }, remove, when },
    { kind: 'put', item: workEventItem(kind, before, event), when: notThereYet },
    ...retimeWork(kind, before, after.timer),
  ]
}

/** Moves the one timer that work has while it lives, makes it, or takes it away. */
export function retimeWork(
  kind: WorkKind,
  { id, timer }: { readonly id: string; readonly timer?: number | undefined },
  due: number | undefined,
): readonly Write[] {
  if (due === timer) return []
  const gone: Write[] =
    timer === undefined ? [] : [{ kind: 'delete', key: timerKey(id, timer), when: stillThere }]
  if (due === undefined) return gone
  return [...gone, { kind: 'put', item: workTimerItem(kind, id, due), when: notThereYet }]
}
