import type { LeasedLanding } from '../../domain/landing/landing.ts'
import { isUsable } from '../../domain/lease.ts'
import { renewLease } from '../leases/renew-lease.ts'
import type { Ports } from '../ports/ports.ts'
import { readLease } from '../store/read.ts'
import { holderOf } from './settle-landing.ts'

/** Renews the landing's lease once a third of its time is over. One that is lost is found so by whoever uses it. */
export async function keepAlive(
  ports: Pick<Ports, 'table' | 'clock' | 'executions' | 'journal'>,
  landing: LeasedLanding,
): Promise<void> {
  const lease = await readLease(ports, landing.lease)
  const now = ports.clock.now()
  if (!lease || !isUsable(lease, now)) return
  const left = lease.expiresAt - now
  if (left > (lease.ttl * 2) / 3 || lease.expiresAt >= lease.maxExpiresAt) return
  const renewed = await renewLease(ports, holderOf(lease.id, lease.tenant), lease.id)
  if (!renewed.ok) {
    ports.journal.warn('the lease of a landing could not be renewed', {
      landing: landing.id,
      refused: renewed.refusal.refused,
    })
  }
}
