import type { AcquiredLease, Lease, PendingLease } from '../../domain/lease.ts'
import { restorePlaces } from '../allocation/restore-places.ts'
import type { Ports } from '../ports/ports.ts'
import { registryKey } from '../store/keys.ts'
import { endHolding, endWaiting } from '../transactions/end.ts'
import { afterHostFailure } from './host-failure.ts'

type Needs = Pick<Ports, 'table' | 'chance' | 'clock' | 'executions' | 'journal'>

/**
 * Makes the transition that a passed deadline asks for; false where somebody else had changed the lease: the caller
 * reads it again.
 */
export async function endOverdue(ports: Needs, lease: Lease, actor: string): Promise<boolean> {
  const by = { now: ports.clock.now(), actor }
  switch (lease.status) {
    case 'pending': {
      const why = { reason: 'wait_timeout', ...(await troubleOf(ports, lease)) } as const
      const ended = await endWaiting(ports, lease, why, { ...by, cause: 'wait deadline' })
      await restorePlaces(ports, lease, ended)
      return ended.committed
    }
    case 'acquired':
      if (lease.yielded?.fault === 'remote') {
        const why = { reason: 'activation_failed', detail: lease.yielded.detail } as const
        return (await endHolding(ports, lease, 'broken', why, { ...by, cause: 'activation deadline' }))
          .committed
      }
      return afterHostFailure(ports, lease, { code: codeOf(lease), detail: detailOf(lease) }, actor)
    case 'active':
      return (await endHolding(ports, lease, 'released', { reason: 'expired' }, { ...by, cause: 'expiry' }))
        .committed
    case 'kept':
      return (
        await endHolding(
          ports,
          lease,
          'released',
          { reason: 'expired' },
          { ...by, cause: 'kept long enough' },
        )
      ).committed
    case 'released':
    case 'broken':
    case 'destroyed':
      return false
  }
}

const codeOf = ({ yielded, yields }: AcquiredLease): string =>
  yielded && yielded.count > yields ? 'too_many_yields' : 'activation_deadline'

const detailOf = (lease: AcquiredLease): string =>
  lease.yielded?.detail ?? 'the activation did not end in time'

/** What kept the hosts of its pools from serving it, as far as anybody knows. */
async function troubleOf(ports: Needs, lease: PendingLease): Promise<{ readonly detail?: string }> {
  const entries = await ports.table.getAll(lease.pools.map((pool) => registryKey('pool', pool)))
  const troubles = entries.flatMap((entry) =>
    typeof entry?.['trouble'] === 'string' ? [entry['trouble']] : [],
  )
  const tried = lease.failures.map(({ host, code }) => `tried on host ${host}: ${code}`)
  const detail = [...tried, ...troubles].join('; ')
  return detail === '' ? {} : { detail }
}
