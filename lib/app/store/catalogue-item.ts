import type { Blueprint, Disabled, Repository, Tenant } from '../../domain/catalogue.ts'
import type { Item } from '../ports/table.ts'
import { blueprintKey, repositoryKey, tenantKey } from './keys.ts'

/** `version` makes each replacement conditional on what was read. */
export const blueprintItem = (blueprint: Blueprint, version: number, disabled?: Disabled): Item => ({
  ...blueprintKey(blueprint.name),
  ...withoutUndefined(blueprint),
  version,
  ...(disabled ? { disabled: { ...disabled } } : {}),
})

export const repositoryItem = (repository: Repository, version: number): Item => ({
  ...repositoryKey(repository.name),
  ...withoutUndefined(repository),
  version,
})

/** `most`: living leases that it may ever have had. */
export const tenantItem = (tenant: Tenant, version: number, most: number): Item => ({
  ...tenantKey(tenant.name),
  ...withoutUndefined(tenant),
  version,
  most: Math.max(most, tenant.leases),
})

export const blueprintOf = (item: Item): Blueprint => bare(item) as unknown as Blueprint
/** Not there: it gives leases. Kept beside the recipe, which operators declare. */
export const disabledOf = (item: Item): Disabled | undefined => item['disabled'] as Disabled | undefined
export const repositoryOf = (item: Item): Repository => bare(item) as unknown as Repository
export const tenantOf = (item: Item): Tenant => bare(item) as unknown as Tenant

function bare(item: Item): Omit<Item, 'PK' | 'SK'> {
  const { PK: _, SK: _sk, version: _v, disabled: _d, most: _m, opId: _op, ...rest } = item
  return rest
}

const withoutUndefined = (record: object): Item =>
  Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as Item
