import type { Blueprint } from '../../domain/catalogue.ts'
import { admission, poolsOf } from '../../domain/catalogue.ts'
import type { Caller } from '../../domain/access.ts'
import type { Asked } from '../../domain/limits.ts'
import { judge } from '../../domain/limits.ts'
import type { Result } from '../../domain/refusals.ts'
import { ok, refuse } from '../../domain/refusals.ts'
import type { Ports } from '../ports/ports.ts'
import type { Item } from '../ports/table.ts'
import { blueprintOf, disabledOf } from '../store/catalogue-item.ts'
import { blueprintKey, repositoryKey } from '../store/keys.ts'
import { findPools } from './judge-pools.ts'
import { unknownName } from './unknown-name.ts'
import { readRegistry } from '../store/pages.ts'

interface Wish {
  readonly blueprint?: string
  readonly type?: string
  readonly pools?: readonly string[]
  readonly repository?: string
  readonly durations: Asked
}

type Needs = Pick<Ports, 'table'>

const TYPES: readonly string[] = ['host', 'working-copy'] satisfies readonly Blueprint['type'][]

/**
 * The blueprint that was named; or of those of the type that was named, the first by name that suits the wish: one that
 * can serve it goes before one that would refuse it, and of these one that is enabled before one that is not.
 */
export async function chooseBlueprint(ports: Needs, caller: Caller, wish: Wish): Promise<Result<Blueprint>> {
  const { blueprint: name, type } = wish
  if (type !== undefined && !TYPES.includes(type)) {
    return refuse('unknown_type', `There is no type ${type}.`, { hints: { types: TYPES } })
  }
  if (name === undefined) {
    return type === undefined
      ? refuse('malformed', 'Name a blueprint, or the type of one.')
      : chooseByType(ports, caller, type, wish)
  }
  const item = await ports.table.get(blueprintKey(name))
  if (!item) return unknownName(ports, 'unknown_blueprint', 'blueprint', name)
  const blueprint = blueprintOf(item)
  if (type !== undefined && blueprint.type !== type) {
    return refuse('impossible', `Blueprint ${name} is of type ${blueprint.type}.`)
  }
  return admission(blueprint, caller) ? ok(blueprint) : forbidden(`Blueprint ${name} does not allow`, caller)
}

async function chooseByType(
  ports: Needs,
  caller: Caller,
  type: string,
  wish: Wish,
): Promise<Result<Blueprint>> {
  const { pools, repository } = wish
  const [registered, counted] = await Promise.all([
    readRegistry(ports, 'blueprint'),
    readRegistry(ports, 'pool'),
  ])
  const items: (Item | undefined)[] = []
  for (let start = 0; start < registered.length; start += 100) {
    const keys = registered.slice(start, start + 100).map((item) => blueprintKey(item.SK))
    items.push(...(await ports.table.getAll(keys)))
  }
  const ofType = items.filter((item) => item !== undefined && item['type'] === type)
  const allowed = ofType.filter((item) => item && admission(blueprintOf(item), caller))
  if (ofType.length > 0 && allowed.length === 0)
    return forbidden(`No blueprint of type ${type} allows`, caller)
  const suited = allowed.filter((item) => item && suits(blueprintOf(item), pools, repository))
  const filled = new Set(counted.filter((item) => Number(item['slots'] ?? 0) > 0).map((item) => item.SK))
  const able = suited.filter((item) => item && serves(blueprintOf(item), wish, filled))
  const chosen = able.find((item) => item && !disabledOf(item)) ?? able[0] ?? suited[0]
  if (chosen) return ok(blueprintOf(chosen))
  const known = await judgeNames(ports, pools ?? [], repository)
  return known.ok ? refuse('impossible', `No blueprint of type ${type} has what was asked for.`) : known
}

/** What nobody registered is told as such, not as something that no blueprint happens to have. */
async function judgeNames(
  ports: Needs,
  pools: readonly string[],
  repository: string | undefined,
): Promise<Result<unknown>> {
  const found = await findPools(ports, pools)
  if (!found.ok || repository === undefined) return found
  return (await ports.table.get(repositoryKey(repository)))
    ? found
    : unknownName(ports, 'unknown_repository', 'repository', repository)
}

const suits = (
  blueprint: Blueprint,
  pools: readonly string[] | undefined,
  repository: string | undefined,
): boolean =>
  (pools ?? []).every((pool) => poolsOf(blueprint).includes(pool)) &&
  (blueprint.type === 'host' ||
    repository === undefined ||
    (blueprint.repositories?.includes(repository) ?? true))

/** It has slots for the wish, and allows the durations. Else its refusal says what it lacks. */
const serves = (blueprint: Blueprint, { pools, durations }: Wish, filled: ReadonlySet<string>): boolean =>
  (pools ?? poolsOf(blueprint)).some((pool) => filled.has(pool)) &&
  'granted' in judge(durations, blueprint.limits)

const forbidden = (what: string, { tenant, scopes }: Caller) => {
  const who = scopes.includes('untrusted') ? `who is not trusted of tenant ${tenant}` : `tenant ${tenant}`
  return refuse('not_authorized', `${what} ${who}.`)
}
