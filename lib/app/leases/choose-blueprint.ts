import type { Blueprint } from '../../domain/catalogue.ts'
import { allows, poolsOf } from '../../domain/catalogue.ts'
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
}

type Needs = Pick<Ports, 'table'>

const TYPES: readonly string[] = ['host', 'working-copy'] satisfies readonly Blueprint['type'][]

/** The blueprint that was named; or of those of the type that was named, the first by name that suits the wish. */
export async function chooseBlueprint(ports: Needs, tenant: string, wish: Wish): Promise<Result<Blueprint>> {
  const { blueprint: name, type } = wish
  if (type !== undefined && !TYPES.includes(type)) {
    return refuse('unknown_type', `There is no type ${type}.`, { hints: { types: TYPES } })
  }
  if (name === undefined) {
    return type === undefined
      ? refuse('malformed', 'Name a blueprint, or the type of one.')
      : chooseByType(ports, tenant, type, wish)
  }
  const item = await ports.table.get(blueprintKey(name))
  if (!item) return unknownName(ports, 'unknown_blueprint', 'blueprint', name)
  const blueprint = blueprintOf(item)
  if (type !== undefined && blueprint.type !== type) {
    return refuse('impossible', `Blueprint ${name} is of type ${blueprint.type}.`)
  }
  return allows(blueprint, tenant) ? ok(blueprint) : forbidden(`Blueprint ${name} does not allow`, tenant)
}

async function chooseByType(
  ports: Needs,
  tenant: string,
  type: string,
  { pools, repository }: Wish,
): Promise<Result<Blueprint>> {
  const registered = await readRegistry(ports, 'blueprint')
  const items: (Item | undefined)[] = []
  for (let start = 0; start < registered.length; start += 100) {
    const keys = registered.slice(start, start + 100).map((item) => blueprintKey(item.SK))
    items.push(...(await ports.table.getAll(keys)))
  }
  const ofType = items.filter((item) => item !== undefined && item['type'] === type)
  const allowed = ofType.filter((item) => item && allows(blueprintOf(item), tenant))
  if (ofType.length > 0 && allowed.length === 0)
    return forbidden(`No blueprint of type ${type} allows`, tenant)
  const suited = allowed.filter((item) => item && suits(blueprintOf(item), pools, repository))
  const chosen = suited.find((item) => item && !disabledOf(item)) ?? suited[0]
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

const forbidden = (what: string, tenant: string) => refuse('not_authorized', `${what} tenant ${tenant}.`)
