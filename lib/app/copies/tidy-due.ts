import type { FreeSlot, Slot, WithheldSlot } from '../../domain/slot.ts'
import { sortCopies } from '../../domain/warmth.ts'
import type { Ports } from '../ports/ports.ts'
import { readCopies } from '../store/copy-item.ts'
import { tidySlot } from '../transactions/tidy.ts'

type Needs = Pick<Ports, 'table' | 'chance' | 'clock' | 'executions'>

/**
 * Of the slots of a host on which something has to go, or that nobody has looked at for long, one idle one is cleaned:
 * one at a time, so that a host never withholds all that it has for it. Answers how many.
 */
export async function tidyDue(ports: Needs, slots: readonly Slot[], actor: string): Promise<number> {
  const now = ports.clock.now()
  const slot = slots.filter(isIdle).find(({ tidyAt }) => tidyAt !== undefined && tidyAt <= now)
  if (!slot) return 0
  const { go } = sortCopies(await readCopies(ports, slot.host, slot.number), now)
  const { committed } = await tidySlot(ports, slot, go, { now, actor })
  if (committed) await ports.executions.cleanSlot(slot.host, slot.number, slot.epoch)
  return committed ? 1 : 0
}

export const isIdle = (slot: Slot): slot is FreeSlot | WithheldSlot =>
  slot.state === 'free' || slot.state === 'withheld'
