import type { Isolation } from '../../domain/isolation.ts'
import type { AcquiredLease, ActiveLease, Receipt } from '../../domain/lease.ts'
import { KEEP } from '../../domain/limits.ts'
import type { Cause } from '../../domain/step.ts'
import { activate } from '../../domain/transitions.ts'
import { warmNames } from '../../domain/warmth.ts'
import type { ActiveCopy, PendingCopy } from '../../domain/working-copy.ts'
import { repositoriesOf, useCopy } from '../../domain/working-copy.ts'
import type { Ports } from '../ports/ports.ts'
import type { Outcome, Write } from '../ports/table.ts'
import { slotHeldBy } from '../store/conditions/slot.ts'
import { slotKey } from '../store/keys.ts'
import { changeCopy } from './copies.ts'
import { move } from './move.ts'

/** What a checkout handed out: the proof, the record of its copy, and the copies that stay warm beside it. */
export interface Made {
  readonly receipt: Receipt
  readonly own: PendingCopy | ActiveCopy
  readonly stay: readonly ActiveCopy[]
  /** All that the slot kept from before was thrown away first. */
  readonly rebuilt: boolean
}

/** At which level the slot was opened, and what was made on it. */
export interface Ready {
  readonly isolation: Isolation
  readonly suspicions?: number
  readonly made?: Made
}

/** T4: the host is ready; from now on the lease may be used, and its time runs. */
export async function makeActive(
  ports: Pick<Ports, 'table' | 'chance'>,
  lease: AcquiredLease,
  ready: Ready,
  by: Cause,
): Promise<{ readonly outcome: Outcome; readonly lease: ActiveLease }> {
  const opId = ports.chance.opaque()
  const { made, ...opened } = ready
  const handed = made ? { receipt: made.receipt, copy: made.own.id } : {}
  const step = activate(lease, { ...opened, ...handed }, by)
  const outcome = await ports.table.transact(opId, [
    ...move(opId, lease, step),
    ...warmed(lease, made, opId, by),
  ])
  return { outcome, lease: step.lease }
}

/** The slot is the lease's; the copy is from now on one that is of use, and the slot is warm for it. */
function warmed(lease: AcquiredLease, made: Made | undefined, opId: string, by: Cause): readonly Write[] {
  const { id, slot, epoch, checkout, blueprint, keep = KEEP } = lease
  const place = { key: slotKey(slot.host, slot.number), when: slotHeldBy(id, epoch) }
  if (!made || !checkout) return [{ kind: 'check', ...place }]
  const repositories = repositoriesOf(checkout, made.receipt)
  const used = useCopy(made.own, { lease: id, epoch, blueprint, repositories, keep: { ...keep } }, by)
  return [
    {
      kind: 'update',
      ...place,
      set: { warm: warmNames([used, ...made.stay]) },
      ...(made.rebuilt ? { remove: ['tainted'] } : {}),
    },
    changeCopy(made.own, used, opId),
  ]
}
