import type { Caller } from '../../domain/access.ts'
import { isOperator } from '../../domain/access.ts'
import type { Landing } from '../../domain/landing/landing.ts'
import type { Result } from '../../domain/refusals.ts'
import { ok, refuse } from '../../domain/refusals.ts'
import type { Ports } from '../ports/ports.ts'
import { text } from '../store/attributes.ts'
import { registryOf, tenantWorkKey, workKey } from '../store/keys.ts'
import { landingOf } from '../store/landing-item.ts'
import { mayReadLanding, readableLanding } from './cancel-landing.ts'
import { placeInQueue } from './serve-branch.ts'

/** A landing as its reader sees it; `position`: 1 = next. */
export interface LandingView {
  readonly landing: Landing
  readonly position?: number
}

const PACE = { first: 20, growth: 1.2, longest: 500 } as const

export async function viewLanding(ports: Pick<Ports, 'table'>, landing: Landing): Promise<LandingView> {
  return landing.status === 'queued' ? { landing, position: await placeInQueue(ports, landing) } : { landing }
}

/** The landing; with time to wait, as soon as it is over or when the time is up. */
export async function awaitLanding(
  ports: Pick<Ports, 'table' | 'clock'>,
  caller: Caller,
  id: string,
  milliseconds: number,
): Promise<Result<LandingView>> {
  const until = ports.clock.now() + milliseconds
  for (let pause: number = PACE.first; ; pause = Math.min(pause * PACE.growth, PACE.longest)) {
    const found = await readableLanding(ports, caller, id)
    if (!found.ok) return found
    const left = until - ports.clock.now()
    if (found.value.status === 'ended' || left <= 0) return ok(await viewLanding(ports, found.value))
    await ports.clock.sleep(Math.min(pause, left))
  }
}

export interface LandingQuery {
  readonly tenant?: string
  readonly repository?: string
  readonly branch?: string
  readonly status?: Landing['status']
  readonly limit: number
  /** Id of the last landing of the page before. */
  readonly cursor?: string
}

export interface LandingPage {
  readonly landings: readonly Landing[]
  readonly cursor?: string
}

const ID = /^[0-9A-HJKMNP-TV-Z]{26}$/
const LOOKED_AT = 1_000

/** Newest first. A tenant's own; operators see all, or one tenant's. */
export async function listLandings(
  ports: Pick<Ports, 'table'>,
  caller: Caller,
  query: LandingQuery,
): Promise<Result<LandingPage>> {
  if (query.cursor !== undefined && !ID.test(query.cursor)) {
    return refuse('bad_cursor', 'Take the cursor as it came with the page before.')
  }
  if (!isOperator(caller) && query.tenant !== undefined && query.tenant !== caller.tenant) {
    return refuse('not_authorized', 'Only operators see the landings of other tenants.')
  }
  const tenants = await tenantsOf(ports, caller, query)
  const found: Landing[] = []
  let cursor = query.cursor
  for (let looked = 0; looked < LOOKED_AT && found.length < query.limit;) {
    const ids = await idsBelow(ports, tenants, cursor)
    if (ids.length === 0) return ok({ landings: found })
    const items = await ports.table.getAll(ids.map((id) => workKey('landing', id)))
    for (const [index, item] of items.entries()) {
      if (found.length === query.limit) break
      cursor = ids[index]
      const landing = item && landingOf(item)
      if (landing && mayReadLanding(caller, landing) && fits(landing, query)) found.push(landing)
    }
    looked += ids.length
  }
  return ok({ landings: found, ...(cursor === undefined ? {} : { cursor }) })
}

async function tenantsOf(
  ports: Pick<Ports, 'table'>,
  caller: Caller,
  { tenant }: LandingQuery,
): Promise<readonly string[]> {
  if (tenant !== undefined) return [tenant]
  if (!isOperator(caller)) return [caller.tenant]
  const items = await ports.table.query({ PK: registryOf('tenant'), limit: 1_000 })
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
      const { PK, SK: from } = tenantWorkKey('landing', tenant, '')
      const to = cursor === undefined ? `${from}~` : tenantWorkKey('landing', tenant, cursor).SK
      const items = await ports.table.query({ PK, from, to, backwards: true, limit: limit + 1 })
      return items.map((item) => item.SK.slice(from.length)).filter((id) => id !== cursor)
    }),
  )
  return lists
    .flat()
    .toSorted((a, b) => (a < b ? 1 : -1))
    .slice(0, limit)
}

const fits = (landing: Landing, query: LandingQuery): boolean =>
  (query.status === undefined || landing.status === query.status) &&
  (query.repository === undefined || landing.repository === query.repository) &&
  (query.branch === undefined || landing.branch === query.branch)
