import type { Lease } from '../../domain/lease.ts'
import type { Ports } from '../ports/ports.ts'
import { endHolding, endWaiting } from '../transactions/end.ts'
import { afterHostFailure } from './host-failure.ts'

/**
 * Makes the transition that a passed deadline asks for. Losing the race is fine: whoever won has changed the lease,
 * and the caller reads it again.
 */
export async function endOverdue(
  ports: Pick<Ports, 'table' | 'chance' | 'clock' | 'executions'>,
  lease: Lease,
  actor: string,
): Promise<void> {
  const by = { now: ports.clock.now(), actor }
  switch (lease.status) {
    case 'pending':
      await endWaiting(ports, lease, { reason: 'wait_timeout' }, { ...by, cause: 'wait deadline' })
      return
    case 'acquired':
      if (lease.yielded?.fault === 'remote') {
        const why = { reason: 'activation_failed', detail: lease.yielded.detail } as const
        await endHolding(ports, lease, 'broken', why, { ...by, cause: 'activation deadline' })
        return
      }
      await afterHostFailure(ports, lease, { code: 'activation_deadline', detail: detailOf(lease) }, actor)
      return
    case 'active':
      await endHolding(ports, lease, 'released', { reason: 'expired' }, { ...by, cause: 'expiry' })
      return
    case 'kept':
    case 'released':
    case 'broken':
    case 'destroyed':
      return
  }
}

const detailOf = (lease: Extract<Lease, { status: 'acquired' }>): string =>
  lease.yielded?.detail ?? 'the activation did not end in time'
