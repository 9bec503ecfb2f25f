import type { PendingLease } from '../../domain/lease.ts'
import type { Place } from '../../domain/matching.ts'
import { chooseToken } from '../../domain/matching.ts'
import type { FreeToken } from '../../domain/slot.ts'
import { awaken } from '../lifecycle/awaken.ts'
import type { Ports } from '../ports/ports.ts'
import { readLease } from '../store/read.ts'
import { takeSlot } from '../transactions/acquire.ts'

/** What became of an attempt to give a waiter a slot. */
export type Served = 'served' | 'not_waiting' | 'lost_race'

/** T2 for the lease at this place with one of the tokens seen; awakens it when it was given one. */
export async function serve(
  ports: Pick<Ports, 'table' | 'chance' | 'clock' | 'executions' | 'journal'>,
  place: Place,
  tokens: readonly FreeToken[],
  actor: string,
): Promise<Served> {
  const lease = await readLease(ports, place.lease)
  if (lease?.status !== 'pending') return 'not_waiting'
  const token = choose(ports, lease, tokens)
  if (!token) return 'lost_race'
  const { outcome } = await takeSlot(ports, lease, token, { now: ports.clock.now(), actor })
  if (!outcome.committed) return 'lost_race'
  await awaken(ports, lease.id)
  return 'served'
}

const choose = (ports: Pick<Ports, 'chance'>, lease: PendingLease, tokens: readonly FreeToken[]) =>
  chooseToken(
    tokens,
    {
      avoid: lease.failures.map((failure) => failure.host),
      ...(lease.checkout ? { repository: lease.checkout.repository } : {}),
    },
    () => ports.chance.fraction(),
  )
