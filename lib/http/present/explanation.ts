import type { Explanation as Found } from '../../app/leases/explain-lease.ts'
import type { Explanation } from '../../contract/explanation.ts'
import type { Holder, HostExplanation, PoolExplanation } from '../../domain/explanation.ts'
import { given } from './given.ts'
import { iso } from './instant.ts'

type Pool = Explanation['pools'][number]
type Host = Pool['hosts'][number]

export const presentExplanation = ({ lease, at, summary, pools, expectedAt }: Found): Explanation => ({
  leaseId: lease.id,
  status: lease.status,
  at: iso(at),
  summary,
  pools: pools.map(presentPool),
  ...given({ expectedAt: instant(expectedAt) }),
})

const presentPool = ({ pool, rank, blocked, meanHold, expectedAt, hosts }: PoolExplanation): Pool => ({
  pool,
  rank,
  blocked,
  ...given({
    meanHoldSeconds: meanHold === undefined ? undefined : meanHold / 1_000,
    expectedAt: instant(expectedAt),
  }),
  hosts: hosts.map(presentHost),
})

const presentHost = ({ host, state, reason, blocked, slots }: HostExplanation): Host => ({
  host,
  state,
  ...given({ reason }),
  blocked,
  slots: slots.map((slot) => ({
    number: slot.number,
    state: slot.state,
    ...given({ holder: slot.holder && presentHolder(slot.holder) }),
  })),
})

const presentHolder = ({ status, since, until, atMostUntil, lease }: Holder) => ({
  status,
  ...given({
    since: instant(since),
    until: instant(until),
    atMostUntil: instant(atMostUntil),
    lease: lease && { id: lease.id, tenant: lease.tenant, owner: lease.owner },
  }),
})

/** An estimate may be a fraction of a millisecond. */
const instant = (milliseconds: number | undefined): string | undefined =>
  milliseconds === undefined ? undefined : iso(Math.round(milliseconds))
