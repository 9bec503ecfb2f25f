import { admitsUntrusted, leastOf, poolsOf } from '../../domain/catalogue.ts'
import type { Isolation } from '../../domain/isolation.ts'
import { reaches } from '../../domain/isolation.ts'
import type { Result } from '../../domain/refusals.ts'
import { ok, refuse } from '../../domain/refusals.ts'
import type { Catalogue, Kind } from './read-config.ts'

export interface Change {
  readonly kind: Kind
  readonly name: string
  readonly change: 'create' | 'update' | 'remove'
}

const PLACES = {
  blueprint: 'blueprints',
  host: 'hosts',
  repository: 'repositories',
  tenant: 'tenants',
} as const

/** What has to change, in an order in which nothing is named before it exists: removals last, hosts before pools. */
export function planChanges(current: Catalogue, wanted: Catalogue): readonly Change[] {
  const kinds: readonly Kind[] = ['blueprint', 'repository', 'tenant', 'host']
  const made = kinds.flatMap((kind) =>
    Object.entries(wanted[PLACES[kind]]).flatMap(([name, value]): Change[] => {
      const before: unknown = own<unknown>(current[PLACES[kind]], name)
      if (before === undefined) return [{ kind, name, change: 'create' }]
      return sameValue(before, value) ? [] : [{ kind, name, change: 'update' }]
    }),
  )
  const removed = kinds.toReversed().flatMap((kind) =>
    Object.keys(current[PLACES[kind]])
      .filter((name) => own<unknown>(wanted[PLACES[kind]], name) === undefined)
      .map((name): Change => ({ kind, name, change: 'remove' })),
  )
  return [...made, ...removed]
}

/** A document must make sense by itself: every pool and repository that it names is in it. */
export function judgeCatalogue(wanted: Catalogue): Result<Catalogue> {
  for (const blueprint of Object.values(wanted.blueprints)) {
    const missing = poolsOf(blueprint).find((pool) => own(wanted.blueprints, pool)?.type !== 'host')
    if (missing !== undefined) {
      return refuse(
        'unknown_pool',
        `Blueprint ${blueprint.name} names pool ${missing}, which is no host blueprint.`,
      )
    }
    const careless = admitsUntrusted(blueprint) && leastOf(blueprint) === 'process'
    if (careless) {
      return refuse(
        'impossible',
        `Blueprint ${blueprint.name} lets in whom nobody trusts, and isolation process keeps nobody apart.`,
      )
    }
    if (blueprint.type === 'host') continue
    const low = blueprint.pools.find((name) => !reaches(poolLevel(wanted, name), leastOf(blueprint)))
    if (low !== undefined) {
      return refuse(
        'impossible',
        `Blueprint ${blueprint.name} accepts no isolation below ${leastOf(blueprint)}, and pool ${low} has hosts from ${poolLevel(wanted, low)} on: name the same level on both.`,
      )
    }
    const repository = blueprint.repositories?.find((name) => !own(wanted.repositories, name))
    if (repository !== undefined) {
      return refuse('unknown_repository', `Blueprint ${blueprint.name} names repository ${repository}.`)
    }
  }
  for (const host of Object.values(wanted.hosts)) {
    if (own(wanted.blueprints, host.pool)?.type !== 'host') {
      return refuse('unknown_pool', `Host ${host.name} names pool ${host.pool}, which is no host blueprint.`)
    }
  }
  for (const repository of Object.values(wanted.repositories)) {
    if (repository.url.startsWith('file:') && !repository.allowFile) {
      return refuse('impossible', `Repository ${repository.name} has a file: URL and does not say allowFile.`)
    }
  }
  return ok(wanted)
}

const poolLevel = (wanted: Catalogue, name: string): Isolation => leastOf(own(wanted.blueprints, name) ?? {})

/** By a name that somebody chose: `constructor` is a name like any other. */
export const own = <T>(record: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(record, name) ? record[name] : undefined

const sameValue = (a: unknown, b: unknown): boolean => JSON.stringify(sorted(a)) === JSON.stringify(sorted(b))

const sorted = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(
        Object.entries(value)
          .filter(([, field]) => field !== undefined)
          .toSorted(([a], [b]) => (a < b ? -1 : 1))
          .map(([name, field]) => [name, sorted(field)]),
      )
    : value
