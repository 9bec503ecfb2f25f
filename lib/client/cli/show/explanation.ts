import type { Explanation } from '../../../contract/explanation.ts'
import { fields, table } from './plain.ts'

type Pool = Explanation['pools'][number]
type Host = Pool['hosts'][number]
type Slot = Host['slots'][number]

/** The sentence, then for each pool where it stands, then every slot that it might get and who has it until when. */
export function describeExplanation({ leaseId, status, at, summary, pools }: Explanation): string {
  const head = fields({ lease: leaseId, status, at, why: summary })
  if (pools.length === 0) return head
  const places = table(
    ['POOL', 'PLACE', 'BLOCKED', 'MEAN HOLD', 'EXPECTED'],
    pools.map(({ pool, rank, blocked, meanHoldSeconds, expectedAt }) => [
      pool,
      rank,
      blocked,
      meanHoldSeconds === undefined ? undefined : `${Math.round(meanHoldSeconds)} s`,
      expectedAt,
    ]),
  )
  const rows = pools.flatMap(({ pool, hosts }) => hosts.flatMap((host) => rowsOf(pool, host)))
  if (rows.length === 0) return `${head}\n\n${places}`
  const slots = table(
    ['POOL', 'HOST', 'BLOCKED', 'SLOT', 'STATE', 'HELD BY', 'TENANT', 'UNTIL', 'AT MOST UNTIL'],
    rows,
  )
  return [head, places, slots].join('\n\n')
}

function rowsOf(pool: string, host: Host) {
  const blocked = host.reason === undefined ? host.blocked : `${host.blocked} (${host.reason})`
  return host.slots.map((slot) => [pool, host.host, blocked, slot.number, slot.state, ...holderOf(slot)])
}

const holderOf = ({ holder }: Slot) => [
  holder && (holder.lease ? holder.lease.id : `a lease that is ${holder.status}`),
  holder?.lease?.tenant,
  holder?.until,
  holder?.atMostUntil,
]
