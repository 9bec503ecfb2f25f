import { matchPool } from '../allocation/match.ts'
import { follows, givesLeases } from '../../domain/slot.ts'
import { ATTEMPTS, contended } from '../contention.ts'
import type { Ports } from '../ports/ports.ts'
import { readHost } from '../store/read.ts'
import { offerSlots, SLOTS_AT_ONCE } from '../transactions/offer.ts'

type Needs = Pick<Ports, 'table' | 'chance' | 'clock' | 'executions' | 'journal'>

/**
 * Brings every slot of a host to what its state asks for, and ends on a look that found them all so. Answers how many
 * it changed. Safe to be called by anybody at any time: the sweep calls it where a change was not brought to its end.
 */
export async function settleHost(ports: Needs, name: string, actor: string): Promise<number> {
  let changed = 0
  for (let lost = 0; lost < ATTEMPTS;) {
    const { host, slots } = await readHost(ports, name)
    if (!host) return changed
    const behind = slots.filter((slot) => !follows(slot, host)).slice(0, SLOTS_AT_ONCE)
    if (behind.length === 0) {
      if (changed > 0 && givesLeases(host)) await matchPool(ports, host.pool, actor)
      return changed
    }
    if ((await offerSlots(ports, host, behind)).committed) {
      changed += behind.length
      lost = 0
    } else {
      lost += 1
      await ports.clock.sleep(ports.chance.fraction() * 20)
    }
  }
  throw contended(`settling the slots of host ${name}`)
}
