import type { Work, WorkKind } from '../../domain/work.ts'
import type { Ports } from '../ports/ports.ts'
import { workUnchanged } from '../store/conditions/work.ts'
import { workKey } from '../store/keys.ts'
import { retimeWork } from './move-work.ts'

/**
 * Sets the timer of work that is still as it was read, or takes it away where nothing is left to do; whoever changed it
 * has set its own. No transition.
 */
export async function rearmWork(
  ports: Pick<Ports, 'table' | 'chance'>,
  kind: WorkKind,
  work: Work,
  due: number | undefined,
): Promise<void> {
  if (work.timer === due) return
  await ports.table.transact(ports.chance.opaque(), [
    {
      kind: 'update',
      key: workKey(kind, work.id),
      set: due === undefined ? {} : { timer: due },
      remove: due === undefined ? ['timer', 'taskToken'] : [],
      when: workUnchanged(work.version, work.status),
    },
    ...retimeWork(kind, work, due),
  ])
}
