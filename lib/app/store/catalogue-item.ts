import type { Blueprint, Repository, Tenant } from '../../domain/catalogue.ts'
import type { Item } from '../ports/table.ts'
import { blueprintKey, repositoryKey, tenantKey } from './keys.ts'

/** `version` makes each replacement conditional on what was read. */
export const blueprintItem = (blueprint: Blueprint, version: number): Item => ({
  ...blueprintKey(blueprint.name),
  ...withoutUndefined(blueprint),
  version,
})

export const repositoryItem = (repository: Repository, version: number): Item => ({
  ...repositoryKey(repository.name),
  ...withoutUndefined(repository),
  version,
})

export const tenantItem = (tenant: Tenant, version: number): Item => ({
  ...tenantKey(tenant.name),
  ...withoutUndefined(tenant),
  version,
})

export const blueprintOf = (item: Item): Blueprint => bare(item) as unknown as Blueprint
export const repositoryOf = (item: Item): Repository => bare(item) as unknown as Repository
export const tenantOf = (item: Item): Tenant => bare(item) as unknown as Tenant

function bare(item: Item): Omit<Item, 'PK' | 'SK'> {
  const { PK: _, SK: _sk, version: _v, ...rest } = item
  return rest
}

const withoutUndefined = (record: object): Item =>
  Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as Item
