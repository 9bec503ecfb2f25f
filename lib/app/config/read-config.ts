import type { Blueprint, Disabled, Repository, Tenant } from '../../domain/catalogue.ts'
import type { Isolation } from '../../domain/isolation.ts'
import { DEFAULTS } from '../../domain/limits.ts'
import { reachOf } from '../../domain/slot.ts'
import type { Host, Reach } from '../../domain/slot.ts'
import type { Ports } from '../ports/ports.ts'
import type { Item } from '../ports/table.ts'
import { blueprintOf, disabledOf, repositoryOf, tenantOf } from '../store/catalogue-item.ts'
import type { RegistryKind } from '../store/keys.ts'
import { blueprintKey, hostKey, repositoryKey, tenantKey } from '../store/keys.ts'
import { hostOf } from '../store/slot-item.ts'
import { text } from '../store/attributes.ts'
import { readRegistry } from '../store/pages.ts'

/** What operators say of a host; the rest of it is the system's own. */
export type HostSpec = Reach & Pick<Host, 'name' | 'pool' | 'directory' | 'capacity'>

/** Everything that operators declare, by name. */
export interface Catalogue {
  readonly blueprints: Readonly<Record<string, Blueprint>>
  readonly hosts: Readonly<Record<string, HostSpec>>
  readonly repositories: Readonly<Record<string, Repository>>
  readonly tenants: Readonly<Record<string, Tenant>>
}

/** The catalogue as stored, and the version of each entry that a replacement must still find. */
export interface Stored {
  readonly catalogue: Catalogue
  readonly version: (kind: Kind, name: string) => number | undefined
  /** As probed; undefined: not yet. */
  readonly isolation: (host: string) => Isolation | undefined
  readonly disabled: (blueprint: string) => Disabled | undefined
  /** Living leases that a tenant may ever have had: what a lower quota must still count. */
  readonly mostLeases: (tenant: string) => number
}

export type Kind = 'blueprint' | 'host' | 'repository' | 'tenant'

export async function readConfig(ports: Pick<Ports, 'table'>): Promise<Stored> {
  const [blueprints, hosts, repositories, tenants] = await Promise.all([
    entries(ports, 'blueprint', blueprintKey),
    entries(ports, 'host', hostKey),
    entries(ports, 'repository', repositoryKey),
    entries(ports, 'tenant', tenantKey),
  ])
  const all = { blueprint: blueprints, host: hosts, repository: repositories, tenant: tenants }
  return {
    catalogue: {
      blueprints: byName(blueprints, blueprintOf),
      hosts: byName(
        // One that was removed is not declared any more, though its last lease may still be on it.
        hosts.filter((item) => item['state'] !== 'destroyed'),
        (item) => specOf(hostOf(item)),
      ),
      repositories: byName(repositories, repositoryOf),
      tenants: byName(tenants, tenantOf),
    },
    version: (kind, name) => {
      const version = all[kind].find((item) => item['name'] === name)?.['version']
      return typeof version === 'number' ? version : undefined
    },
    mostLeases: (name) => {
      const item = tenants.find((one) => one['name'] === name)
      return Math.max(
        Number(item?.['leases'] ?? DEFAULTS.leasesPerTenant),
        Number(item?.['most'] ?? DEFAULTS.leasesPerTenant),
      )
    },
    isolation: (name) => {
      const item = hosts.find((one) => one['name'] === name)
      return item && hostOf(item).isolation
    },
    disabled: (name) => {
      const item = blueprints.find((one) => one['name'] === name)
      return item && disabledOf(item)
    },
  }
}

const specOf = (host: HostSpec): HostSpec => {
  const { name, pool, directory, capacity } = host
  return { name, pool, directory, capacity, ...reachOf(host) }
}

async function entries(
  ports: Pick<Ports, 'table'>,
  kind: RegistryKind,
  keyOf: (name: string) => { readonly PK: string; readonly SK: string },
): Promise<readonly Item[]> {
  const registered = await readRegistry(ports, kind)
  const names = registered.map((item) => text(item, 'name'))
  const found: Item[] = []
  for (let start = 0; start < names.length; start += 100) {
    const items = await ports.table.getAll(names.slice(start, start + 100).map(keyOf))
    found.push(...items.filter((item) => item !== undefined))
  }
  return found
}

const byName = <T>(items: readonly Item[], read: (item: Item) => T): Readonly<Record<string, T>> =>
  Object.fromEntries(items.map((item) => [text(item, 'name'), read(item)]))
