import type { Caller } from '../../domain/access.ts'
import { isOperator, mayRead } from '../../domain/access.ts'
import type { Lease, TimelineEvent } from '../../domain/lease.ts'
import type { Result } from '../../domain/refusals.ts'
import { ok, refuse } from '../../domain/refusals.ts'
import type { Ports } from '../ports/ports.ts'
import { eventKey, leaseKey, tenantLeaseKey } from '../store/keys.ts'
import { eventOf, leaseOf } from '../store/lease-item.ts'
import { readableLease } from './find-lease.ts'
import { text } from '../store/attributes.ts'
import { readRegistry } from '../store/pages.ts'

export interface LeaseQuery {
  readonly status?: Lease['status']
  readonly blueprint?: string
  readonly pool?: string
  readonly tenant?: string
  readonly owner?: string
  readonly limit: number
  /** Id of the last lease of the page before. */
  readonly cursor?: string
}

export interface LeasePage {
  readonly leases: readonly Lease[]
  readonly cursor?: string
}

const ID = /^[0-9A-HJKMNP-TV-Z]{26}$/
/** Leases looked at for one page, so that a filter that fits nothing does not read everything. */
const LOOKED_AT = 1_000

/** Newest first. A tenant sees its own leases; operators see all, or one tenant's. */
export async function listLeases(
  ports: Pick<Ports, 'table'>,
  caller: Caller,
  query: LeaseQuery,
): Promise<Result<LeasePage>> {
  if (query.cursor !== undefined && !ID.test(query.cursor))
    return refuse('bad_cursor', 'Take the cursor as it came with the page before.')
  if (!isOperator(caller) && query.tenant !== undefined && query.tenant !== caller.tenant) {
    return refuse('not_authorized', 'Only operators see the leases of other tenants.')
  }
  const tenants = await tenantsOf(ports, caller, query)
  const found: Lease[] = []
  let cursor = query.cursor
  for (let looked = 0; looked < LOOKED_AT && found.length < query.limit;) {
    const ids = await idsBelow(ports, tenants, cursor)
    if (ids.length === 0) return ok({ leases: found })
    const items = await ports.table.getAll(ids.map(leaseKey))
    for (const [index, item] of items.entries()) {
      if (found.length === query.limit) break
      cursor = ids[index]
      const lease = item && leaseOf(item)
      if (lease && mayRead(caller, lease) && fits(lease, query)) found.push(lease)
    }
    looked += ids.length
  }
  return ok({ leases: found, ...(cursor === undefined ? {} : { cursor }) })
}

export async function leaseEvents(
  ports: Pick<Ports, 'table'>,
  caller: Caller,
  id: string,
): Promise<Result<readonly TimelineEvent[]>> {
  const found = await readableLease(ports, caller, id)
  if (!found.ok) return found
  const { PK, SK: from } = eventKey(id, 0)
  const items = await ports.table.query({ PK, from, to: 'EV#~', limit: 1_000 })
  return ok(items.map(eventOf))
}

async function tenantsOf(
  ports: Pick<Ports, 'table'>,
  caller: Caller,
  query: LeaseQuery,
): Promise<readonly string[]> {
  if (query.tenant !== undefined) return [query.tenant]
  if (!isOperator(caller)) return [caller.tenant]
  const items = await readRegistry(ports, 'tenant')
  return items.map((item) => text(item, 'name'))
}

/** The newest ids below the cursor over all these tenants, in descending order; ULIDs sort by age. */
async function idsBelow(
  ports: Pick<Ports, 'table'>,
  tenants: readonly string[],
  cursor: string | undefined,
): Promise<readonly string[]> {
  const limit = 100
  const lists = await Promise.all(
    tenants.map(async (tenant) => {
      const { PK, SK: to } = cursor === undefined ? newest(tenant) : tenantLeaseKey(tenant, cursor)
      const items = await ports.table.query({ PK, from: 'L#', to, backwards: true, limit: limit + 1 })
      return items.map((item) => item.SK.slice('L#'.length)).filter((id) => id !== cursor)
    }),
  )
  return lists
    .flat()
    .toSorted((a, b) => (a < b ? 1 : -1))
    .slice(0, limit)
}

/** Above every id; no id itself, as those are escaped. */
const newest = (tenant: string) => ({ ...tenantLeaseKey(tenant, ''), SK: 'L#~' })

const fits = (lease: Lease, query: LeaseQuery): boolean =>
  (query.status === undefined || lease.status === query.status) &&
  (query.blueprint === undefined || lease.blueprint === query.blueprint) &&
  (query.pool === undefined || lease.pools.includes(query.pool)) &&
  (query.owner === undefined || lease.owner === query.owner)
