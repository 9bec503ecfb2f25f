import type { SlotId } from '../../domain/lease.ts'
import type { FreeSlot, Slot, WithheldSlot } from '../../domain/slot.ts'
import type { Ports } from '../ports/ports.ts'
import { readHost } from '../store/read.ts'
import { reclaimSlot } from '../transactions/reclaim.ts'

/**
 * Makes room on the slot's host: of the idle slots that keep working copies warm, the one that was used longest ago
 * gives them up. A victim that somebody leases meanwhile refuses, and the next one is asked. True where room is being
 * made, also by an earlier call; false where nothing idle is left.
 */
export async function reclaim(
  ports: Pick<Ports, 'table' | 'chance' | 'executions' | 'journal'>,
  { host, number }: SlotId,
): Promise<boolean> {
  const { slots } = await readHost(ports, host)
  if (slots.some((slot) => slot.state === 'dirty' && slot.wipe)) return true
  for (const victim of slots.filter(isIdle).toSorted(longestUnused)) {
    if (!(await reclaimSlot(ports, victim)).committed) continue
    ports.journal.info('reclaimed', { host, slot: victim.number, for: number, copies: victim.warm })
    await ports.executions.cleanSlot(host, victim.number, victim.epoch)
    return true
  }
  return false
}

const isIdle = (slot: Slot): slot is FreeSlot | WithheldSlot =>
  (slot.state === 'free' || slot.state === 'withheld') && slot.warm.length > 0

const longestUnused = (one: Slot, other: Slot): number => (one.usedAt ?? 0) - (other.usedAt ?? 0)
