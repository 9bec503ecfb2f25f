import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Faults } from '../../infra/local/dynamodb/faults.ts'
import { serve } from '../../infra/local/trial/serve.ts'
import { createClient } from '../../lib/client/api.ts'
import type { Client } from '../../lib/client/api.ts'
import type { ConfigInput } from '../../lib/contract/config.ts'
import { makeLargeRepository } from './repository.ts'
import { settle } from './settle.ts'

/** Two hosts with two slots each; and one host with a single slot, where there is always somebody to wait for. */
export const POOL = 'linux'
export const SINGLE = 'single'
export const COPIES = 'copies'
export const SINGLE_COPIES = 'single-copies'
export const LARGE = 'large'
const POOLS = { alpha: POOL, beta: POOL, solo: SINGLE } as const
const CAPACITY = { [POOL]: 2, [SINGLE]: 1 } as const

/** The system on the local stack, with a client and a repository of 2,000 files. */
export interface World {
  readonly client: Client
  readonly endpoints: Readonly<Record<string, string>>
  /** Of the large repository, oldest first. */
  readonly commits: readonly string[]
  /** Where it is on this machine. */
  readonly repository: string
  /** For another tenant. */
  clientOf(tenant: string): Promise<Client>
  /** The large repository again, under a name that no host has a mirror of. */
  addRepository(name: string): Promise<void>
  close(): Promise<void>
}

export interface WorldOptions {
  /** How hosts are reached; default: over SSH. */
  readonly transport?: 'ssh' | 'ssm'
  readonly faults?: Faults
  readonly onInvoke?: (functionName: string) => void
}

export async function openWorld(options: WorldOptions = {}): Promise<World> {
  const directory = mkdtempSync(join(tmpdir(), 'drydock-bench-'))
  const repository = join(directory, 'large.git')
  const commits = makeLargeRepository(repository)
  const large = { url: pathToFileURL(repository).href, allowFile: true }
  const served = await serve({
    hosts: Object.keys(POOLS),
    catalogue: (hosts) => ({
      blueprints: {
        [POOL]: { type: 'host', allow: ['*'], isolation: 'process' },
        [SINGLE]: { type: 'host', allow: ['*'], isolation: 'process' },
        [COPIES]: { type: 'working-copy', pools: [POOL], allow: ['*'], isolation: 'process' },
        [SINGLE_COPIES]: { type: 'working-copy', pools: [SINGLE], allow: ['*'], isolation: 'process' },
      },
      hosts: Object.fromEntries(
        hosts.map(({ name, reach, directory }) => {
          const pool = POOLS[name as keyof typeof POOLS]
          return [name, { pool, ...reach, directory, capacity: CAPACITY[pool] }]
        }),
      ),
      repositories: { [LARGE]: large },
    }),
    onLog: (source, line) => {
      if (/"level":"(?:ERROR|CRITICAL)"/.test(line)) console.error(`${source}: ${line}`)
    },
    ...options,
  })
  const client = createClient({ url: served.url, token: served.token })
  await settle(client)
  return {
    client,
    endpoints: served.endpoints,
    commits,
    repository,
    clientOf: async (tenant) =>
      createClient({ url: served.url, token: await served.mint({ tenant, scopes: ['lease'] }) }),
    addRepository: async (name) => {
      const declared: ConfigInput = await client.getConfig()
      const repositories = { ...declared.repositories, [name]: large }
      await client.applyConfig({ body: { ...declared, repositories } })
    },
    close: async () => {
      await served.close()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}
