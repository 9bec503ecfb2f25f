import { matchPool } from '../allocation/match.ts'
import type { Host, Slot } from '../../domain/slot.ts'
import { follows, givesLeases, newSlot } from '../../domain/slot.ts'
import { ATTEMPTS, contended, pauseAfter } from '../contention.ts'
import type { Ports } from '../ports/ports.ts'
import type { Outcome } from '../ports/table.ts'
import { readHost } from '../store/read.ts'
import { makeSlots, offerSlots, SLOTS_AT_ONCE } from '../transactions/offer.ts'

type Needs = Pick<Ports, 'table' | 'chance' | 'clock' | 'executions' | 'journal'>

/**
 * Brings every slot of a host to what its state asks for, makes those that it lacks, and ends on a look that found them
 * all so. Answers how many it changed. Safe to be called by anybody at any time: the sweep calls it where a change was
 * not brought to its end.
 */
export async function settleHost(ports: Needs, name: string, actor: string): Promise<number> {
  let changed = 0
  for (let lost = 0; lost < ATTEMPTS;) {
    const { host, slots } = await readHost(ports, name)
    if (!host) return changed
    const missing = missingOf(host, slots)
    const behind = slots.filter((slot) => !follows(slot, host)).slice(0, SLOTS_AT_ONCE)
    if (missing.length + behind.length === 0) {
      if (changed > 0 && givesLeases(host)) await matchPool(ports, host.pool, actor)
      return changed
    }
    const outcome = await (missing.length > 0 ? make(ports, host, missing) : offerSlots(ports, host, behind))
    if (outcome.committed) {
      changed += missing.length > 0 ? missing.length : behind.length
      lost = 0
    } else {
      lost += 1
      await pauseAfter(ports, lost)
    }
  }
  throw contended(`settling the slots of host ${name}`)
}

/** Numbers that no slot has; a host that leaves gets none back. */
function missingOf(host: Host, slots: readonly Slot[]): readonly number[] {
  if (host.state === 'destroyed') return []
  const there = new Set(slots.map((slot) => slot.number))
  return Array.from({ length: host.capacity }, (_, number) => number).filter((number) => !there.has(number))
}

/** Born dirty: the first cleaning makes them known to the host. */
async function make(ports: Needs, host: Host, numbers: readonly number[]): Promise<Outcome> {
  const slots = numbers.map((number) => newSlot(host, number))
  const outcome = await makeSlots(ports, host, slots)
  if (outcome.committed) {
    for (const { number, epoch } of slots) await ports.executions.cleanSlot(host.name, number, epoch)
  }
  return outcome
}
