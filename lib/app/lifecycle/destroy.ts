import type { Ports } from '../ports/ports.ts'
import { readHostAndSlot, readLease } from '../store/read.ts'

export interface Destroyed {
  /** Whether the host confirmed that nothing of the lease is left. */
  readonly confirmed: boolean
  readonly route: 'FINALIZE' | 'DECIDE'
}

const TRIES = 3

/**
 * Has the host end everything that the lease ever started. Reads the lease again first: a late call must not close a
 * lease that is in use.
 */
export async function destroyLease(
  ports: Pick<Ports, 'table' | 'hosts' | 'clock' | 'chance' | 'journal'>,
  leaseId: string,
): Promise<Destroyed> {
  const lease = await readLease(ports, leaseId)
  if (lease?.status !== 'released' && lease?.status !== 'broken') return { confirmed: false, route: 'DECIDE' }
  const { host, slot } = await readHostAndSlot(ports, lease.slot.host, lease.slot.number)
  const ours = slot?.state === 'held' && slot.lease === lease.id && slot.epoch === lease.epoch
  if (!host || !ours || slot.nonce === null) return { confirmed: false, route: 'FINALIZE' }
  const ref = { slot: slot.number, nonce: slot.nonce, epoch: slot.epoch }
  for (let attempt = 1; attempt <= TRIES; attempt++) {
    const answer = await ports.hosts.close(host, ref)
    if (answer.kind === 'done') return { confirmed: true, route: 'FINALIZE' }
    ports.journal.warn('close was not confirmed', { leaseId, host: host.name, slot: slot.number, answer })
    if (answer.kind === 'refused') break
    if (attempt < TRIES) await ports.clock.sleep(200 * attempt * (1 + ports.chance.fraction()))
  }
  return { confirmed: false, route: 'FINALIZE' }
}
