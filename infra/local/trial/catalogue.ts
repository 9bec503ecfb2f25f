import type { ConfigInput } from '../../../lib/contract/config.ts'

/** A host of the trial installation, as it is reached. */
export interface TrialHost {
  readonly name: string
  readonly address: string
  readonly port: number
  readonly user: string
  readonly hostKey: string
  /** Absolute: where it keeps script, slots, and the environment that its jobs get. */
  readonly directory: string
}

export const POOL = 'linux'
export const WORKING_COPIES = 'checkout'
export const REPOSITORY = 'example'

/** What a new installation can do at once: one pool, working copies on it, and one repository. */
export const exampleCatalogue = (
  hosts: readonly TrialHost[],
  slotsPerHost: number,
  { url, defaultBranch }: { readonly url: string; readonly defaultBranch: string },
): ConfigInput => ({
  blueprints: {
    [POOL]: { type: 'host', allow: ['*'] },
    [WORKING_COPIES]: { type: 'working-copy', pools: [POOL], allow: ['*'] },
  },
  hosts: Object.fromEntries(
    hosts.map(({ name, address, port, user, hostKey, directory }) => [
      name,
      { pool: POOL, address, port, user, hostKey, directory, capacity: slotsPerHost },
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
