import type { Place } from '../../domain/matching.ts'
import { chooseToken } from '../../domain/matching.ts'
import { copyNameOf } from '../../domain/working-copy.ts'
import type { FreeToken } from '../../domain/slot.ts'
import { awaken } from '../lifecycle/awaken.ts'
import type { Ports } from '../ports/ports.ts'
import { takeSlot } from '../transactions/acquire.ts'
import { candidate } from './candidate.ts'
import { restorePlaces } from './restore-places.ts'

/** What became of an attempt to give a waiter a slot. */
export type Served = 'served' | 'cleared' | 'lost_race'

/** T2 for the lease at this place with one of the tokens seen; awakens it when it was given one. */
export async function serve(
  ports: Pick<Ports, 'table' | 'chance' | 'clock' | 'executions' | 'journal'>,
  pool: string,
  { place, position }: { readonly place: Place; readonly position: number },
  tokens: readonly FreeToken[],
  actor: string,
): Promise<Served> {
  const found = await candidate(ports, pool, place)
  if (!found.lease) return found.cleared ? 'cleared' : 'lost_race'
  const { failures, checkout, untrusted } = found.lease
  const wish = {
    avoid: failures.map(({ host }) => host),
    ...(checkout ? { repository: copyNameOf(checkout) } : {}),
    ...(untrusted ? { untrusted } : {}),
  }
  const token = chooseToken(tokens, wish, position)
  if (!token) return 'lost_race'
  const { outcome } = await takeSlot(ports, found.lease, token, { now: ports.clock.now(), actor })
  if (!outcome.committed) {
    await restorePlaces(ports, found.lease, outcome)
    return 'lost_race'
  }
  await awaken(ports, place.lease)
  return 'served'
}
