import type { BrokenLease, DestroyedLease, ReleasedLease } from '../../domain/lease.ts'
import type { HeldSlot } from '../../domain/slot.ts'
import type { ActiveCopy } from '../../domain/working-copy.ts'
import { ensureCommands } from '../commands/ensure-commands.ts'
import { ATTEMPTS, contended, pauseAfter } from '../contention.ts'
import { candidate } from '../allocation/candidate.ts'
import { restorePlaces } from '../allocation/restore-places.ts'
import { matchToken } from '../allocation/match.ts'
import type { Ports } from '../ports/ports.ts'
import { copyOf, keyOfCopy } from '../store/copy-item.ts'
import { slotKey } from '../store/keys.ts'
import type { Outcome } from '../ports/table.ts'
import { readLease, readQueue, readSlot } from '../store/read.ts'
import { slotOf } from '../store/slot-item.ts'
import { endWithoutSlot, freeSlot, handOver, setSlotAside } from '../transactions/finish.ts'
import { awaken } from './awaken.ts'
import { tellOwner } from './tell-work.ts'

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
  // Others are at the head of the queue: the slot is freed first, as free ones may be given to many at once.
  let contested = false
  for (let lost = 0; lost < ATTEMPTS; contested = true) {
    const lease = await readLease(ports, leaseId)
    if (!lease) return { route: 'DONE' }
    if (lease.status === 'destroyed') {
      await passOn(ports, lease)
      await tellOwner(ports, lease)
      return { route: 'DONE' }
    }
    if (lease.status !== 'released' && lease.status !== 'broken') return { route: 'DECIDE' }
    await ensureCommands(ports, lease)
    const { slot, copy } = await readHolding(ports, lease)
    const finished = await finish(ports, lease, slot, copy, { confirmed, contested })
    if (finished === 'done') {
      await tellOwner(ports, lease)
      return { route: 'DONE' }
    }
    if (finished === 'cleared') continue
    lost += 1
    await pauseAfter(ports, lost)
  }
  throw contended(`finalizing lease ${leaseId}`)
}

/** `lost`: somebody was faster. `cleared`: the head of the queue could not be served and is not its head any more. */
async function finish(
  ports: Needs,
  lease: ReleasedLease | BrokenLease,
  slot: HeldSlot | undefined,
  copy: ActiveCopy | undefined,
  { confirmed, contested }: { readonly confirmed: boolean; readonly contested: boolean },
): Promise<'done' | 'cleared' | 'lost'> {
  // Read after the queue, so that times follow the order in which waiters were served.
  const by = () => ({ now: ports.clock.now(), actor: ACTOR })
  if (!slot || slot.lease !== lease.id || slot.epoch !== lease.epoch) {
    return verdict(await endWithoutSlot(ports, lease, by()))
  }
  if (!confirmed) {
    const aside = await setSlotAside(ports, lease, slot, 'dirty', by(), copy)
    if (aside.committed) await ports.executions.cleanSlot(slot.host, slot.number, slot.epoch)
    return verdict(aside)
  }
  if (!slot.offered) return verdict(await setSlotAside(ports, lease, slot, 'withheld', by(), copy))
  const [head] = contested ? [] : await readQueue(ports, slot.pool, 1)
  if (head) {
    const next = await candidate(ports, slot.pool, head)
    if (!next.lease) return next.cleared ? 'cleared' : 'lost'
    const given = await handOver(ports, lease, next.lease, slot, by(), copy)
    if (given.committed) await awaken(ports, head.lease)
    else await restorePlaces(ports, next.lease, given)
    return verdict(given)
  }
  const { outcome: freed, token } = await freeSlot(ports, lease, slot, by(), copy)
  if (freed.committed) await matchToken(ports, slot.pool, token, ACTOR)
  return verdict(freed)
}

/** Its slot, and the record of its copy, each while it is this lease's. */
async function readHolding(
  ports: Needs,
  { id, slot: place, copy }: ReleasedLease | BrokenLease,
): Promise<{ readonly slot: HeldSlot | undefined; readonly copy: ActiveCopy | undefined }> {
  const key = slotKey(place.host, place.number)
  const [slotItem, copyItem] = await ports.table.getAll(copy === undefined ? [key] : [key, keyOfCopy(copy)])
  const slot = slotItem && slotOf(slotItem)
  const record = copyItem && copyOf(copyItem)
  return {
    slot: slot?.state === 'held' ? slot : undefined,
    copy: record?.state === 'active' && record.lease === id ? record : undefined,
  }
}

/** Called again after it had been done: whoever did it may have died before telling those whom it concerns. */
async function passOn(ports: Needs, { slot: place }: DestroyedLease): Promise<void> {
  const slot = place && (await readSlot(ports, place.host, place.number))
  if (slot?.state === 'held') await awaken(ports, slot.lease)
  if (slot?.state === 'free') await matchToken(ports, slot.pool, slot.token, ACTOR)
  if (slot?.state === 'dirty') await ports.executions.cleanSlot(slot.host, slot.number, slot.epoch)
}

const verdict = ({ committed }: Outcome) => (committed ? 'done' : 'lost')
