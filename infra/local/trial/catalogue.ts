import type { ConfigInput } from '../../../lib/contract/config.ts'
import type { LocalHost } from '../hosts/local-host.ts'

export const POOL = 'linux'
export const WORKING_COPIES = 'checkout'
export const REPOSITORY = 'example'

/** What a new installation can do at once: one pool, working copies on it, and one repository. */
export const exampleCatalogue = (
  hosts: readonly LocalHost[],
  slotsPerHost: number,
  { url, defaultBranch }: { readonly url: string; readonly defaultBranch: string },
): ConfigInput => ({
  blueprints: {
    // Runs as whoever started it, most often without the rights that keep jobs apart: so that level is named.
    [POOL]: { type: 'host', allow: ['*'], isolation: 'process' },
    [WORKING_COPIES]: { type: 'working-copy', pools: [POOL], allow: ['*'], isolation: 'process' },
  },
  hosts: Object.fromEntries(
    hosts.map(({ name, reach, directory }) => [
      name,
      { pool: POOL, ...reach, directory, capacity: slotsPerHost },
    ]),
  ),
  repositories: { [REPOSITORY]: { url, defaultBranch, allowFile: url.startsWith('file:') } },
})

/** Adds the example to what operators have declared meanwhile; takes nothing away from it. */
export const merged = (declared: ConfigInput, example: ConfigInput): ConfigInput => ({
  blueprints: { ...example.blueprints, ...declared.blueprints },
  hosts: { ...declared.hosts, ...example.hosts },
  repositories: { ...declared.repositories, ...example.repositories },
  tenants: { ...declared.tenants },
})
