import type { Limits } from './limits.ts'
import type { Keep } from './working-copy.ts'

/** What operators registered: recipes, remotes and quotas. */
export type Blueprint = HostBlueprint | WorkingCopyBlueprint

interface BlueprintBase {
  readonly name: string
  /** Tenants that may lease; `*` = all. Nobody else may. */
  readonly allow: readonly string[]
  readonly limits: Limits
}

/** A pool of hosts; the pool is named like it. */
export interface HostBlueprint extends BlueprintBase {
  readonly type: 'host'
}

/** Git working copies on the slots of one or more pools. */
export interface WorkingCopyBlueprint extends BlueprintBase {
  readonly type: 'working-copy'
  readonly pools: readonly string[]
  /** Not there: every registered repository. */
  readonly repositories?: readonly string[]
  /** What is not there is as the defaults say. */
  readonly keep?: Partial<Keep>
}

export interface Repository {
  readonly name: string
  readonly url: string
  readonly defaultBranch: string
  readonly allowFile: boolean
  /** Not there: nobody lands in it. */
  readonly landing?: LandingRule
}

/** Who may land where in a repository. */
export interface LandingRule {
  /** Names, or beginnings of names with `*` after them. */
  readonly branches: readonly string[]
  /** Tenants; `*` = all. Nobody else may. */
  readonly allow: readonly string[]
}

export interface Tenant {
  readonly name: string
  /** Living leases at most. */
  readonly leases: number
}

/** An operator's "no new leases of this blueprint": what waits goes on waiting. */
export interface Disabled {
  readonly by: string
  readonly at: number
  readonly reason?: string
}

export const poolsOf = (blueprint: Blueprint): readonly string[] =>
  blueprint.type === 'host' ? [blueprint.name] : blueprint.pools

export const allows = (blueprint: Pick<Blueprint, 'allow'>, tenant: string): boolean =>
  blueprint.allow.includes('*') || blueprint.allow.includes(tenant)

/** Names that differ least from the one that was asked for; for hints. */
export function nearest(wanted: string, names: readonly string[]): readonly string[] {
  return names
    .map((name) => ({ name, distance: distance(wanted, name) }))
    .toSorted((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1))
    .slice(0, 3)
    .map((entry) => entry.name)
}

function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column)
  let last = b.length
  for (const [index, letter] of a.split('').entries()) {
    let diagonal = index
    last = index + 1
    const next = [last]
    for (const [column, above] of row.slice(1).entries()) {
      const replaced = diagonal + (letter === b[column] ? 0 : 1)
      last = Math.min(replaced, above + 1, last + 1)
      next.push(last)
      diagonal = above
    }
    row = next
  }
  return last
}
