import type { Caller } from '../../domain/access.ts'
import { isOperator } from '../../domain/access.ts'
import type { Build, BuildStatus, Outcome } from '../../domain/build.ts'
import type { Result } from '../../domain/refusals.ts'
import { ok, refuse } from '../../domain/refusals.ts'
import type { Ports } from '../ports/ports.ts'
import { text } from '../store/attributes.ts'
import { registryOf, tenantWorkKey, workKey } from '../store/keys.ts'
import { buildOf, mayReadBuild } from './build.ts'

export interface BuildQuery {
  readonly status?: BuildStatus
  readonly outcome?: Outcome
  readonly repository?: string
  readonly tenant?: string
  readonly owner?: string
  readonly limit: number
  /** Id of the last build of the page before. */
  readonly cursor?: string
}

export interface BuildPage {
  readonly builds: readonly Build[]
  readonly cursor?: string
}

const ID = /^[0-9A-HJKMNP-TV-Z]{26}$/
/** Looked at for one page, so that a filter that fits nothing does not read everything. */
const LOOKED_AT = 1_000
const AT_ONCE = 100

/** Newest first. A tenant sees its own; operators see all, or one tenant's. */
export async function listBuilds(
  ports: Pick<Ports, 'table'>,
  caller: Caller,
  query: BuildQuery,
): Promise<Result<BuildPage>> {
  if (query.cursor !== undefined && !ID.test(query.cursor)) {
    return refuse('bad_cursor', 'Take the cursor as it came with the page before.')
  }
  if (!isOperator(caller) && query.tenant !== undefined && query.tenant !== caller.tenant) {
    return refuse('not_authorized', 'Only operators see the builds of other tenants.')
  }
  const tenants = await tenantsOf(ports, caller, query)
  const found: Build[] = []
  let cursor = query.cursor
  for (let looked = 0; looked < LOOKED_AT && found.length < query.limit;) {
    const ids = await idsBelow(ports, tenants, cursor)
    if (ids.length === 0) return ok({ builds: found })
    const items = await ports.table.getAll(ids.map((id) => workKey('build', id)))
    for (const [index, item] of items.entries()) {
      if (found.length === query.limit) break
      cursor = ids[index]
      const build = item && buildOf(item)
      if (build && mayReadBuild(caller, build) && fits(build, query)) found.push(build)
    }
    looked += ids.length
  }
  return ok({ builds: found, ...(cursor === undefined ? {} : { cursor }) })
}

async function tenantsOf(
  ports: Pick<Ports, 'table'>,
  caller: Caller,
  { tenant }: BuildQuery,
): Promise<readonly string[]> {
  if (tenant !== undefined) return [tenant]
  if (!isOperator(caller)) return [caller.tenant]
  const items = await ports.table.query({ PK: registryOf('tenant'), limit: 1_000 })
  return items.map((item) => text(item, 'name'))
}

/** The newest ids below the cursor over all these tenants, newest first; ULIDs sort by age. */
async function idsBelow(
  ports: Pick<Ports, 'table'>,
  tenants: readonly string[],
  cursor: string | undefined,
): Promise<readonly string[]> {
  const lists = await Promise.all(
    tenants.map(async (tenant) => {
      const first = tenantWorkKey('build', tenant, '')
      const to = cursor === undefined ? `${first.SK}~` : tenantWorkKey('build', tenant, cursor).SK
      const query = { PK: first.PK, from: first.SK, to, backwards: true, limit: AT_ONCE + 1 }
      const items = await ports.table.query(query)
      return items.map((item) => item.SK.slice(first.SK.length)).filter((id) => id !== cursor)
    }),
  )
  return lists
    .flat()
    .toSorted((a, b) => (a < b ? 1 : -1))
    .slice(0, AT_ONCE)
}

const fits = (build: Build, { status, outcome, repository, owner }: BuildQuery): boolean =>
  (status === undefined || build.status === status) &&
  (outcome === undefined || ('verdict' in build && build.verdict.outcome === outcome)) &&
  (repository === undefined || build.lease.repository === repository) &&
  (owner === undefined || build.owner === owner)
