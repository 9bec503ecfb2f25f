import type { BrokenLease, PendingLease, ReleasedLease } from '../../domain/lease.ts'
import type { HeldSlot } from '../../domain/slot.ts'
import type { Cause } from '../../domain/step.ts'
import { destroy } from '../../domain/endings.ts'
import { acquire } from '../../domain/transitions.ts'
import { MEASURE_AFTER } from '../../domain/limits.ts'
import type { ActiveCopy } from '../../domain/working-copy.ts'
import type { Ports } from '../ports/ports.ts'
import type { Condition, Outcome, Value, Write } from '../ports/table.ts'
import { notThereYet } from '../store/conditions/any-item.ts'
import { slotHeldAndOffered, slotHeldBy, slotHeldNotOffered } from '../store/conditions/slot.ts'
import { freeToken, slotKey } from '../store/keys.ts'
import { tokenItem, tokenOfSlot } from '../store/slot-item.ts'
import { idleCopy } from './copies.ts'
import { leaveQueues, move } from './move.ts'

type Ended = ReleasedLease | BrokenLease
type Needs = Pick<Ports, 'table' | 'chance'>

/** T3: the cleaned slot goes from the ended lease to the waiting one; it is never free in between. */
export async function handOver(
  ports: Needs,
  from: Ended,
  to: PendingLease,
  slot: HeldSlot,
  by: Cause,
  copy?: ActiveCopy,
): Promise<Outcome> {
  const opId = ports.chance.opaque()
  const epoch = slot.epoch + 1
  return ports.table.transact(opId, [
    ...move(opId, from, destroy(from, by)),
    change(
      slot,
      { lease: to.id, epoch, ...left(from, slot, by, copy), ...(to.untrusted ? { tainted: true } : {}) },
      [],
      slotHeldAndOffered(from.id, slot.epoch),
    ),
    ...leaveQueues(to),
    ...move(opId, to, acquire(to, from.slot, epoch, { ...by, cause: `handed over by ${from.id}` })),
    ...idleCopy(copy, opId, by.now),
  ])
}

/** T3': nobody waits; the cleaned slot becomes free and its token says so. */
export async function freeSlot(
  ports: Needs,
  from: Ended,
  slot: HeldSlot,
  by: Cause,
  copy?: ActiveCopy,
): Promise<{ readonly outcome: Outcome; readonly token: string }> {
  const opId = ports.chance.opaque()
  const token = freeToken(ports.chance.opaque(), slot.host, slot.number)
  const used = left(from, slot, by, copy)
  const outcome = await ports.table.transact(opId, [
    ...move(opId, from, destroy(from, by)),
    change(slot, { state: 'free', token, ...used }, ['lease'], slotHeldAndOffered(from.id, slot.epoch)),
    {
      kind: 'put',
      item: tokenItem(tokenOfSlot({ ...slot, state: 'free', token, ...used })),
      when: notThereYet,
    },
    ...idleCopy(copy, opId, by.now),
  ])
  return { outcome, token }
}

/** T3'': the slot may not be given away: not confirmed clean, or its host gives no leases now. */
export async function setSlotAside(
  ports: Needs,
  from: Ended,
  slot: HeldSlot,
  state: 'dirty' | 'withheld',
  by: Cause,
  copy?: ActiveCopy,
): Promise<Outcome> {
  const opId = ports.chance.opaque()
  const when = state === 'dirty' ? slotHeldBy(from.id, slot.epoch) : slotHeldNotOffered(from.id, slot.epoch)
  return ports.table.transact(opId, [
    ...move(opId, from, destroy(from, by)),
    change(slot, { state, ...left(from, slot, by, copy) }, ['lease'], when),
    ...idleCopy(copy, opId, by.now),
  ])
}

/** The slot is not this lease's any more (the audit or an operator moved it): the lease ends alone. */
export async function endWithoutSlot(ports: Needs, from: Ended, by: Cause): Promise<Outcome> {
  const opId = ports.chance.opaque()
  return ports.table.transact(opId, move(opId, from, destroy(from, by)))
}

const change = (
  slot: HeldSlot,
  set: Readonly<Record<string, Value>>,
  remove: readonly string[],
  when: Condition,
): Write => ({ kind: 'update', key: slotKey(slot.host, slot.number), set, remove, when })

/**
 * What a lease leaves on its slot. A copy that nobody has measured yet is measured soon; what was not made to its end
 * goes as soon as nobody has the slot.
 */
function left(lease: Ended, slot: HeldSlot, { now }: Cause, copy: ActiveCopy | undefined) {
  const due = copy ? now + (copy.bytes === undefined ? MEASURE_AFTER : copy.keep.idle) : now
  const tidyAt = copy || lease.checkout ? Math.min(slot.tidyAt ?? Infinity, due) : slot.tidyAt
  return { usedAt: now, ...(tidyAt === undefined ? {} : { tidyAt }) }
}
