import type { Result } from '../../domain/refusals.ts'
import { refuse } from '../../domain/refusals.ts'
import type { Slot } from '../../domain/slot.ts'
import type { Cause } from '../../domain/step.ts'
import type { DestroyedCopy, WorkingCopy } from '../../domain/working-copy.ts'
import { copyNameOf } from '../../domain/working-copy.ts'
import { ATTEMPTS, contended } from '../contention.ts'
import type { Ports } from '../ports/ports.ts'
import type { Outcome } from '../ports/table.ts'
import { readLease, readSlot } from '../store/read.ts'
import { markForTidying, tidySlot } from '../transactions/tidy.ts'
import { findCopy } from './find-copy.ts'
import { isIdle } from './tidy-due.ts'

type Needs = Pick<Ports, 'table' | 'chance' | 'clock' | 'executions'>

/**
 * An operator gives up an idle copy: its slot is cleaned of it at once, or where somebody has the slot for something
 * else, as soon as that is over. One that a lease uses, or is about to, stays.
 */
export async function removeCopy(
  ports: Needs,
  id: string,
  by: Cause,
): Promise<Result<WorkingCopy | DestroyedCopy>> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const found = await findCopy(ports, id)
    if (!found.ok || found.value.state === 'destroyed') return found
    const copy = found.value
    const slot = await readSlot(ports, copy.host, copy.number)
    if (!slot) return found
    if (await isUsed(ports, copy, slot)) {
      return refuse('copy_leased', `Working copy ${id} is in use.`, leaseIn(slot))
    }
    if (copy.state === 'released' || copy.state === 'broken') return found
    if ((await giveUp(ports, copy, slot, by)).committed) {
      if (slot.state !== 'held') await ports.executions.cleanSlot(slot.host, slot.number, slot.epoch)
      return findCopy(ports, id)
    }
  }
  throw contended(`removing working copy ${id}`)
}

const leaseIn = (slot: Slot) => (slot.state === 'held' ? { leaseId: slot.lease } : {})

async function isUsed(ports: Needs, copy: WorkingCopy, slot: Slot): Promise<boolean> {
  if (slot.state !== 'held') return false
  const holder = await readLease(ports, slot.lease)
  return holder?.checkout !== undefined && copyNameOf(holder.checkout) === copy.name
}

async function giveUp(ports: Needs, copy: WorkingCopy, slot: Slot, by: Cause): Promise<Outcome> {
  const go = [{ copy, why: 'operator' }] as const
  return isIdle(slot) ? tidySlot(ports, slot, go, by) : markForTidying(ports, slot, go, by)
}
