import type { Caller } from '../../domain/access.ts'
import type { Blueprint } from '../../domain/catalogue.ts'
import { admission, leastOf } from '../../domain/catalogue.ts'
import type { Merge, Terms } from '../../domain/lease.ts'
import type { Asked, Granted } from '../../domain/limits.ts'
import { DEFAULTS, judge, KEEP, PRIORITIES } from '../../domain/limits.ts'
import type { Result } from '../../domain/refusals.ts'
import { ok, refuse } from '../../domain/refusals.ts'
import type { Ports } from '../ports/ports.ts'
import type { Item } from '../ports/table.ts'
import { tenantKey } from '../store/keys.ts'
import { chooseBlueprint } from './choose-blueprint.ts'
import type { CheckoutDemand } from './judge-checkout.ts'
import { judgeCheckout } from './judge-checkout.ts'
import type { Quota } from './permits.ts'
import type { PoolEntry } from './judge-pools.ts'
import { judgePools } from './judge-pools.ts'

/** What a caller asks for; durations in milliseconds. */
export interface LeaseDemand {
  /** The recipe by name; or only its type: then one that may and can serve it is chosen. */
  readonly blueprint?: string
  readonly type?: string
  /** Only slots of these pools, of those that the blueprint has. */
  readonly pools?: readonly string[]
  readonly repository?: string
  readonly commit?: string
  readonly merges?: readonly Merge[]
  /** In place of these, several side by side, the default first; where none is said, the directory is the repository's name. */
  readonly repositories?: readonly CheckoutDemand[]
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
    | 'output'
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
  if (demand.repositories && (demand.repository ?? demand.commit ?? demand.merges) !== undefined) {
    return refuse('malformed', 'Name one repository, or a list of them.')
  }
  if (demand.priority < PRIORITIES.lowest || demand.priority > PRIORITIES.highest) {
    return refuse('unknown_priority', `Priority ${demand.priority} is none.`, { hints: PRIORITIES })
  }
  const [chosen, [tenantItem]] = await Promise.all([
    chooseBlueprint(ports, caller, { ...demand, ...firstOf(demand) }),
    ports.table.getAll([tenantKey(caller.tenant)]),
  ])
  if (!chosen.ok) return chosen
  const blueprint = chosen.value
  const durations = judgeDurations(blueprint, demand.durations)
  if (!durations.ok) return durations
  const checkout = await judgeParts(ports, blueprint, demand)
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

/** By which a blueprint is chosen where only a type was named. */
const firstOf = ({ repositories }: LeaseDemand) =>
  repositories?.[0] ? { repository: repositories[0].repository } : {}

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

/** What is to be checked out, and how long it stays warm: nothing of a host, something of a working copy. */
async function judgeParts(
  ports: Needs,
  blueprint: Blueprint,
  demand: LeaseDemand,
): Promise<Result<Pick<Terms, 'checkout' | 'keep'>>> {
  const demands = demandsOf(demand)
  if (blueprint.type === 'host') {
    if (demands.length === 0 && demand.commit === undefined && !demand.merges) return ok({})
    return refuse(
      'impossible',
      `Blueprint ${blueprint.name} leases hosts; a repository needs one for working copies.`,
    )
  }
  if (demands.length === 0) {
    return refuse('impossible', `Blueprint ${blueprint.name} leases working copies: name a repository.`)
  }
  const checkout = await judgeCheckout(ports, blueprint, demands)
  return checkout.ok ? ok({ checkout: checkout.value, keep: { ...KEEP, ...blueprint.keep } }) : checkout
}

function demandsOf({ repository, commit, merges, repositories }: LeaseDemand): readonly CheckoutDemand[] {
  if (repositories) {
    return repositories.map((one) => ({ ...one, directory: one.directory ?? one.repository }))
  }
  if (repository === undefined) return []
  return [{ repository, ...(commit === undefined ? {} : { commit }), ...(merges ? { merges } : {}) }]
}
