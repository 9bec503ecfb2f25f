import type { Caller } from './access.ts'
import type { Isolation } from './isolation.ts'
import { LEAST } from './isolation.ts'
import type { Limits } from './limits.ts'
import type { Keep } from './working-copy.ts'

/** What operators registered: recipes, remotes and quotas. */
export type Blueprint = HostBlueprint | WorkingCopyBlueprint

interface BlueprintBase {
  readonly name: string
  /** Who may lease. Nobody else may. */
  readonly allow: readonly Admission[]
  readonly limits: Limits
  /** The least level that its leases run at; of a pool: that its hosts reach. Not there: `user`. */
  readonly isolation?: Isolation
}

/** A tenant, or `*` for all; trusted unless it says otherwise. */
export type Admission = string | { readonly tenant: string; readonly trust: Trust }
export type Trust = 'trusted' | 'untrusted'

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

export const leastOf = ({ isolation }: Pick<Blueprint, 'isolation'>): Isolation => isolation ?? LEAST

/**
 * How a blueprint takes a principal; not at all where nothing is returned. What is said of its tenant goes before what is
 * said of all, and of two words the careful one counts. Who comes as untrusted is let in only by an entry for such.
 */
export function admission(
  { allow }: Pick<Blueprint, 'allow'>,
  { tenant, scopes }: Pick<Caller, 'tenant' | 'scopes'>,
): Trust | undefined {
  const trusts = (name: string): readonly Trust[] =>
    allow.flatMap((entry) => {
      const { tenant: of, trust } = typeof entry === 'string' ? { tenant: entry, trust: TRUSTED } : entry
      return of === name ? [trust] : []
    })
  const [own, all] = [trusts(tenant), trusts('*')]
  if (scopes.includes('untrusted')) return [...own, ...all].includes('untrusted') ? 'untrusted' : undefined
  const said = own.length > 0 ? own : all
  return said.includes('untrusted') ? 'untrusted' : said[0]
}

const TRUSTED: Trust = 'trusted'

/** Whether it lets code in that nobody vouches for. */
export const admitsUntrusted = ({ allow }: Pick<Blueprint, 'allow'>): boolean =>
  allow.some((entry) => typeof entry !== 'string' && entry.trust === 'untrusted')

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
