import type { BrokenLease, ReleasedLease } from '../../domain/lease.ts'
import type { HeldSlot } from '../../domain/slot.ts'
import { ensureCommands } from '../commands/ensure-commands.ts'
import { ATTEMPTS, contended } from '../contention.ts'
import { matchPool } from '../allocation/match.ts'
import type { Ports } from '../ports/ports.ts'
import { readLease, readQueue, readSlot } from '../store/read.ts'
import { dropWaiter } from '../transactions/drop-waiter.ts'
import { endWithoutSlot, freeSlot, handOver, setSlotAside } from '../transactions/finish.ts'
import { awaken } from './awaken.ts'

type Needs = Pick<Ports, 'table' | 'chance' | 'clock' | 'executions' | 'journal'>

const ACTOR = 'execution'

/**
 * The last step of a lease that had a slot: its slot goes to the head of the queue in the same transaction (T3), or
 * becomes free (T3'), or is set aside (T3''). After a free the queue is read again: a waiter may have come in between.
 */
export async function finalizeLease(
  ports: Needs,
  leaseId: string,
  confirmed: boolean,
): Promise<{ readonly route: 'DONE' | 'DECIDE' }> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const lease = await readLease(ports, leaseId)
    if (!lease || lease.status === 'destroyed') return { route: 'DONE' }
    if (lease.status !== 'released' && lease.status !== 'broken') return { route: 'DECIDE' }
    await ensureCommands(ports, lease)
    const slot = await readSlot(ports, lease.slot.host, lease.slot.number)
    if (await finish(ports, lease, slot?.state === 'held' ? slot : undefined, confirmed))
      return { route: 'DONE' }
    await ports.clock.sleep(ports.chance.fraction() * 20)
  }
  throw contended(`finalizing lease ${leaseId}`)
}

/** True when the lease is destroyed; false when somebody was faster and all must be read again. */
async function finish(
  ports: Needs,
  lease: ReleasedLease | BrokenLease,
  slot: HeldSlot | undefined,
  confirmed: boolean,
): Promise<boolean> {
  // Read after the queue, so that times follow the order in which waiters were served.
  const by = () => ({ now: ports.clock.now(), actor: ACTOR })
  if (!slot || slot.lease !== lease.id || slot.epoch !== lease.epoch) {
    return (await endWithoutSlot(ports, lease, by())).committed
  }
  if (!confirmed) {
    const aside = await setSlotAside(ports, lease, slot, 'dirty', by())
    if (aside.committed) await ports.executions.cleanSlot(slot.host, slot.number, slot.epoch)
    return aside.committed
  }
  if (!slot.offered) return (await setSlotAside(ports, lease, slot, 'withheld', by())).committed
  const [head] = await readQueue(ports, slot.pool, 1)
  if (head) {
    const next = await readLease(ports, head.lease)
    if (next?.status !== 'pending') {
      await dropWaiter(ports, slot.pool, head)
      return false
    }
    const given = await handOver(ports, lease, next, slot, by())
    if (given.committed) await awaken(ports, next.id)
    return given.committed
  }
  const freed = await freeSlot(ports, lease, slot, by())
  if (freed.committed) await matchPool(ports, slot.pool, ACTOR)
  return freed.committed
}
