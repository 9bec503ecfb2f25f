import type { Caller } from '../../domain/access.ts'
import type { Blueprint, Repository } from '../../domain/catalogue.ts'
import { allows, nearest, poolsOf } from '../../domain/catalogue.ts'
import type { Terms } from '../../domain/lease.ts'
import type { Asked } from '../../domain/limits.ts'
import { judge } from '../../domain/limits.ts'
import type { Refusal, Result } from '../../domain/refusals.ts'
import { ok, refuse } from '../../domain/refusals.ts'
import type { Ports } from '../ports/ports.ts'
import type { Item } from '../ports/table.ts'
import { blueprintOf, repositoryOf } from '../store/catalogue-item.ts'
import { blueprintKey, registryKey, registryOf, repositoryKey, tenantKey } from '../store/keys.ts'
import type { RegistryKind } from '../store/keys.ts'

/** What a caller asks for; durations in milliseconds. */
export interface LeaseDemand {
  readonly blueprint: string
  readonly repository?: string
  readonly commit?: string
  readonly priority: number
  readonly durations: Asked
  readonly note?: string
}

export interface GrantedTerms {
  readonly terms: Pick<Terms, 'type' | 'blueprint' | 'checkout' | 'ttl' | 'maxHold' | 'activationTime' | 'yields'>
  readonly pools: readonly PoolEntry[]
  readonly wait: number
  /** Living leases that the tenant may have, where an operator set it. */
  readonly quota?: number
}

export interface PoolEntry {
  readonly name: string
  /** Slots that its hosts offer when all is well. */
  readonly slots: number
  /** Milliseconds of the pool's time that one lease takes, on average. */
  readonly quantum: number
}

type Needs = Pick<Ports, 'table'>

/** Terms for the demand, or why it cannot be: what no host could ever serve is refused at once. */
export async function judgeDemand(
  ports: Needs,
  caller: Caller,
  demand: LeaseDemand,
): Promise<Result<GrantedTerms>> {
  const [blueprintItem, tenantItem, repositoryItem] = await ports.table.getAll([
    blueprintKey(demand.blueprint),
    tenantKey(caller.tenant),
    repositoryKey(demand.repository ?? ''),
  ])
  if (!blueprintItem) return unknown(ports, 'unknown_blueprint', 'blueprint', demand.blueprint)
  const blueprint = blueprintOf(blueprintItem)
  if (!allows(blueprint, caller.tenant)) {
    return refuse('not_authorized', `Blueprint ${blueprint.name} does not allow tenant ${caller.tenant}.`)
  }
  const durations = judge(demand.durations, blueprint.limits)
  if ('above' in durations) {
    const most = Math.floor(durations.most / 1_000)
    return refuse('impossible', `${durations.above} is above what blueprint ${blueprint.name} allows.`, {
      hints: { [`${durations.above}Seconds`]: most },
    })
  }
  const checkout = await judgeCheckout(ports, blueprint, demand, repositoryItem)
  if (!checkout.ok) return checkout
  const pools = await judgePools(ports, blueprint)
  if (!pools.ok) return pools
  const { wait, ...granted } = durations.granted
  const terms = {
    type: blueprint.type,
    blueprint: blueprint.name,
    ...granted,
    ...checkout.value,
  }
  const quota = tenantItem?.['leases']
  return ok({ terms, pools: pools.value, wait, ...(typeof quota === 'number' ? { quota } : {}) })
}

async function judgeCheckout(
  ports: Needs,
  blueprint: Blueprint,
  demand: LeaseDemand,
  item: Item | undefined,
): Promise<Result<{ readonly checkout?: NonNullable<Terms['checkout']> }>> {
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
  if (!item) return unknown(ports, 'unknown_repository', 'repository', demand.repository)
  const repository: Repository = repositoryOf(item)
  if (blueprint.repositories && !blueprint.repositories.includes(repository.name)) {
    return refuse(
      'not_authorized',
      `Blueprint ${blueprint.name} does not allow repository ${repository.name}.`,
      {
        hints: { allowed: blueprint.repositories },
      },
    )
  }
  return ok({ checkout: { repository: repository.name, commit: demand.commit ?? repository.defaultBranch } })
}

async function judgePools(ports: Needs, blueprint: Blueprint): Promise<Result<readonly PoolEntry[]>> {
  const names = poolsOf(blueprint)
  const items = await ports.table.getAll(names.map((name) => registryKey('pool', name)))
  const entries = names.map((name, index) => ({
    name,
    slots: Number(items[index]?.['slots'] ?? 0),
    quantum: Number(items[index]?.['quantum'] ?? 0),
  }))
  const missing = names.filter((_, index) => !items[index])
  if (missing[0] !== undefined) return unknown(ports, 'unknown_pool', 'pool', missing[0])
  if (entries.every((entry) => entry.slots === 0)) {
    return refuse('impossible', `No host of ${names.join(', ')} has a slot.`)
  }
  return ok(entries)
}

async function unknown(
  ports: Needs,
  code: 'unknown_blueprint' | 'unknown_pool' | 'unknown_repository',
  kind: RegistryKind,
  wanted: string,
): Promise<{ readonly ok: false; readonly refusal: Refusal }> {
  const items = await ports.table.query({ PK: registryOf(kind), limit: 1_000 })
  const names = nearest(
    wanted,
    items.map((item) => item.SK),
  )
  return refuse(code, `There is no ${kind} named ${wanted}.`, { hints: { nearest: names } })
}
