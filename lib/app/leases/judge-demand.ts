import type { Caller } from '../../domain/access.ts'
import type { Blueprint } from '../../domain/catalogue.ts'
import { admission, leastOf } from '../../domain/catalogue.ts'
import type { Terms } from '../../domain/lease.ts'
import type { Asked, Granted } from '../../domain/limits.ts'
import { DEFAULTS, judge, KEEP, PRIORITIES } from '../../domain/limits.ts'
import type { Result } from '../../domain/refusals.ts'
import { ok, refuse } from '../../domain/refusals.ts'
import type { Ports } from '../ports/ports.ts'
import type { Item } from '../ports/table.ts'
import { repositoryOf } from '../store/catalogue-item.ts'
import { repositoryKey, tenantKey } from '../store/keys.ts'
import { chooseBlueprint } from './choose-blueprint.ts'
import type { Quota } from './permits.ts'
import type { PoolEntry } from './judge-pools.ts'
import { judgePools } from './judge-pools.ts'
import { unknownName } from './unknown-name.ts'

/** What a caller asks for; durations in milliseconds. */
export interface LeaseDemand {
  /** The recipe by name; or only its type: then one that may and can serve it is chosen. */
  readonly blueprint?: string
  readonly type?: string
  /** Only slots of these pools, of those that the blueprint has. */
  readonly pools?: readonly string[]
  readonly repository?: string
  readonly commit?: string
  readonly priority: number
  readonly durations: Asked
  readonly note?: string
}

export interface GrantedTerms {
  readonly terms: Pick<
    Terms,
    | 'type'
    | 'blueprint'
    | 'leastIsolation'
    | 'untrusted'
    | 'checkout'
    | 'keep'
    | 'ttl'
    | 'maxHold'
    | 'activationTime'
    | 'yields'
    | 'keepFor'
  >
  readonly pools: readonly PoolEntry[]
  readonly wait: number
  readonly quota: Quota
}

type Needs = Pick<Ports, 'table'>

/** Terms for the demand, or why it cannot be: what no host could ever serve is refused at once. */
export async function judgeDemand(
  ports: Needs,
  caller: Caller,
  demand: LeaseDemand,
): Promise<Result<GrantedTerms>> {
  if (demand.priority < PRIORITIES.lowest || demand.priority > PRIORITIES.highest) {
    return refuse('unknown_priority', `Priority ${demand.priority} is none.`, { hints: PRIORITIES })
  }
  const [chosen, [tenantItem, repositoryItem]] = await Promise.all([
    chooseBlueprint(ports, caller, demand),
    ports.table.getAll([tenantKey(caller.tenant), repositoryKey(demand.repository ?? '')]),
  ])
  if (!chosen.ok) return chosen
  const blueprint = chosen.value
  const durations = judgeDurations(blueprint, demand.durations)
  if (!durations.ok) return durations
  const checkout = await judgeCheckout(ports, blueprint, demand, repositoryItem)
  if (!checkout.ok) return checkout
  const pools = await judgePools(ports, blueprint, demand.pools)
  if (!pools.ok) return pools
  const { wait, ...granted } = durations.value
  const terms = {
    type: blueprint.type,
    blueprint: blueprint.name,
    leastIsolation: leastOf(blueprint),
    ...(admission(blueprint, caller) === 'untrusted' ? ({ untrusted: true } as const) : {}),
    ...granted,
    ...checkout.value,
  }
  return ok({ terms, pools: pools.value, wait, quota: quotaOf(tenantItem) })
}

/** As the request calls them. */
const FIELDS = {
  ttl: 'ttlSeconds',
  maxHold: 'maxHoldSeconds',
  wait: 'waitSeconds',
  keepFor: 'onFailure.holdSeconds',
} as const

function quotaOf(tenant: Item | undefined): Quota {
  const leases = Number(tenant?.['leases'] ?? DEFAULTS.leasesPerTenant)
  return { leases, most: Math.max(leases, Number(tenant?.['most'] ?? leases)) }
}

function judgeDurations(blueprint: Blueprint, asked: Asked): Result<Granted> {
  const judged = judge(asked, blueprint.limits)
  if ('granted' in judged) return ok(judged.granted)
  if ('above' in judged) {
    const most = Math.floor(judged.most / 1_000)
    return refuse('too_long', `${FIELDS[judged.above]} is above what blueprint ${blueprint.name} allows.`, {
      hints: { [FIELDS[judged.above]]: most },
    })
  }
  const least = Math.ceil(judged.least / 1_000)
  return refuse('too_short', `${FIELDS[judged.below]} is below ${least} s.`, {
    hints: { [FIELDS[judged.below]]: least },
  })
}

async function judgeCheckout(
  ports: Needs,
  blueprint: Blueprint,
  demand: LeaseDemand,
  item: Item | undefined,
): Promise<Result<Pick<Terms, 'checkout' | 'keep'>>> {
  if (blueprint.type === 'host') {
    if (demand.repository === undefined && demand.commit === undefined) return ok({})
    return refuse(
      'impossible',
      `Blueprint ${blueprint.name} leases hosts; a repository needs one for working copies.`,
    )
  }
  if (demand.repository === undefined) {
    return refuse('impossible', `Blueprint ${blueprint.name} leases working copies: name a repository.`)
  }
  if (!item) return unknownName(ports, 'unknown_repository', 'repository', demand.repository)
  const repository = repositoryOf(item)
  if (blueprint.repositories && !blueprint.repositories.includes(repository.name)) {
    return refuse(
      'not_authorized',
      `Blueprint ${blueprint.name} does not allow repository ${repository.name}.`,
      { hints: { allowed: blueprint.repositories } },
    )
  }
  return ok({
    checkout: { repository: repository.name, commit: demand.commit ?? repository.defaultBranch },
    keep: { ...KEEP, ...blueprint.keep },
  })
}
