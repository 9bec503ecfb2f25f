import type { LeaseRoute } from '../../domain/route.ts'
import { routeOf } from '../../domain/route.ts'
import type { Ports } from '../ports/ports.ts'
import { readLease } from '../store/read.ts'
import { ATTEMPTS, contended, pauseAfter } from '../contention.ts'
import { awaken } from './awaken.ts'
import { endOverdue } from './overdue.ts'
import { tellOwner } from './tell-work.ts'

export type DecidedRoute = Exclude<LeaseRoute, { route: 'OVERDUE' }>

export interface Visits {
  readonly count: number
  readonly since: number
  readonly version: number
}

export type Decided = (DecidedRoute | { readonly route: 'PAUSE'; readonly seconds: number }) & {
  readonly visits: Visits
}

const MINUTE = 60_000
/** More visits than this within a minute without any change: something is wrong that a pause does not make worse. */
const MOST_VISITS = 20
const PAUSE_SECONDS = 30

/** Where a lease's execution goes next; makes the transition itself where a deadline has passed. */
export async function decide(
  ports: Pick<Ports, 'table' | 'chance' | 'clock' | 'executions' | 'journal'>,
  leaseId: string,
  before?: Visits,
): Promise<Decided> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const lease = await readLease(ports, leaseId)
    const now = ports.clock.now()
    if (!lease) return { route: 'DONE', visits: { count: 1, since: now, version: 0 } }
    const route = routeOf(lease, now)
    const visits = count(before, lease.version, now)
    if (route.route !== 'OVERDUE') {
      // Whoever made the change may have died before telling of it.
      if (lease.status !== 'pending' && lease.status !== 'acquired') await tellOwner(ports, lease)
      const pause = visits.count > MOST_VISITS && route.route !== 'DONE'
      return pause ? { route: 'PAUSE', seconds: PAUSE_SECONDS, visits } : { ...route, visits }
    }
    const ended = await endOverdue(ports, lease, 'execution')
    if (ended) await awaken(ports, leaseId)
    else await pauseAfter(ports, attempt + 1)
  }
  throw contended(`deciding about lease ${leaseId}`)
}

function count(before: Visits | undefined, version: number, now: number): Visits {
  const goesOn = before && before.version === version && now - before.since < MINUTE
  return goesOn ? { ...before, count: before.count + 1 } : { count: 1, since: now, version }
}
