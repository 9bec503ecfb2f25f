import { ATTEMPTS, contended, pauseAfter } from '../contention.ts'
import type { Slot } from '../../domain/slot.ts'
import type { Cause } from '../../domain/step.ts'
import type { WorkingCopy } from '../../domain/working-copy.ts'
import type { Ports } from '../ports/ports.ts'
import type { Write } from '../ports/table.ts'
import { hostUnchanged } from '../store/conditions/fleet.ts'
import { slotAsRead } from '../store/conditions/slot.ts'
import { stillThere } from '../store/conditions/any-item.ts'
import { readCopies } from '../store/copy-item.ts'
import { forgetTrouble } from '../store/host-trouble.ts'
import { hostKey, registryKey, slotKey, tokenItemKey } from '../store/keys.ts'
import { readHost } from '../store/read.ts'
import { loseCopy } from '../transactions/copies.ts'

/** Slots that go in one transaction: each has a token and at most twenty copies, each with two writes. */
const BATCH = 2

/**
 * Takes a host that left the configuration apart: its slots, and when no lease holds one any more, itself. The sweep
 * goes on where others stopped. True when nothing of it is left.
 */
export async function dismantleHost(
  ports: Pick<Ports, 'table' | 'chance' | 'clock'>,
  name: string,
): Promise<boolean> {
  for (let lost = 0; lost < ATTEMPTS;) {
    const { host, slots } = await readHost(ports, name)
    if (!host) return true
    if (host.state !== 'destroyed') return false
    const idle = slots.filter((slot) => slot.state !== 'held').slice(0, BATCH)
    if (idle.length === 0 && slots.length > 0) return false
    const by = { now: ports.clock.now(), actor: 'configuration' }
    const copies = idle.length > 0 ? await readCopies(ports, name) : []
    const writes: readonly Write[] =
      idle.length > 0
        ? idle.flatMap((slot) => withoutSlot(slot, copies, by))
        : [
            { kind: 'delete', key: hostKey(name), when: hostUnchanged(host.changes) },
            { kind: 'delete', key: registryKey('host', name), when: stillThere },
          ]
    const outcome = await ports.table.transact(ports.chance.opaque(), writes)
    if (outcome.committed && slots.length === 0) {
      await forgetTrouble(ports, host)
      return true
    }
    if (outcome.committed) continue
    lost += 1
    await pauseAfter(ports, lost)
  }
  throw contended(`taking host ${name} apart`)
}

/** What it kept is nobody's any more, whether its files go or not. */
const withoutSlot = (slot: Slot, copies: readonly WorkingCopy[], by: Cause): readonly Write[] => [
  ...copies
    .filter(({ number }) => number === slot.number)
    .flatMap((copy) => loseCopy(copy, 'host_removed', by)),
  { kind: 'delete', key: slotKey(slot.host, slot.number), when: slotAsRead(slot) },
  ...(slot.state === 'free'
    ? [{ kind: 'delete', key: tokenItemKey(slot.pool, slot.token), when: stillThere } as const]
    : []),
]
