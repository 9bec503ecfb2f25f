import type { HoldingLease } from '../../domain/lease.ts'
import type { Cause } from '../../domain/step.ts'
import type { ActiveCopy, CopyEnd, PendingCopy, WorkingCopy } from '../../domain/working-copy.ts'
import { breakCopy, destroyCopy, giveBackCopy } from '../../domain/working-copy.ts'
import type { Ports } from '../ports/ports.ts'
import type { Outcome, Write } from '../ports/table.ts'
import { goneAnyway, notThereYet } from '../store/conditions/any-item.ts'
import { copyUnchanged } from '../store/conditions/copy.ts'
import { slotHeldBy } from '../store/conditions/slot.ts'
import { copyItem, goneCopyItem, keyOfCopy } from '../store/copy-item.ts'
import { slotKey } from '../store/keys.ts'

/** The record moves on from the one that was read. */
export const changeCopy = (before: WorkingCopy, after: WorkingCopy, opId: string): Write => ({
  kind: 'put',
  item: { ...copyItem(after), opId },
  when: copyUnchanged(before.version),
})

/** Its files are gone: the record goes from its slot, and is kept to be read. */
export const loseCopy = (copy: WorkingCopy, reason: CopyEnd, by: Cause): readonly Write[] => [
  { kind: 'delete', key: keyOfCopy(copy.id), when: copyUnchanged(copy.version) },
  // The condition of the record beside it decides.
  { kind: 'put', item: goneCopyItem(destroyCopy(copy, reason, by)), when: goneAnyway },
]

/** A host failed to make it: nobody uses it any more. */
export const brokenCopy = (
  copy: PendingCopy | ActiveCopy | undefined,
  opId: string,
  by: Cause,
): readonly Write[] => (copy ? [changeCopy(copy, breakCopy(copy, by), opId)] : [])

/** Its lease is over: from now on it stands idle. */
export const idleCopy = (copy: ActiveCopy | undefined, opId: string, now: number): readonly Write[] =>
  copy ? [changeCopy(copy, giveBackCopy(copy, now), opId)] : []

/**
 * Before anything of a copy can come to be on the host it is written down that it may, and what makes room for it is
 * given up: both by the lease that holds the slot, and only while it does.
 */
export async function recordCopies(
  ports: Pick<Ports, 'table' | 'chance'>,
  { id, slot, epoch }: HoldingLease,
  made: PendingCopy | ActiveCopy | undefined,
  changed: (opId: string) => readonly Write[],
): Promise<Outcome> {
  const opId = ports.chance.opaque()
  return ports.table.transact(opId, [
    { kind: 'check', key: slotKey(slot.host, slot.number), when: slotHeldBy(id, epoch) },
    ...changed(opId),
    ...(made ? [{ kind: 'put', item: { ...copyItem(made), opId }, when: notThereYet } as const] : []),
  ])
}
