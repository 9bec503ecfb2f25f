import { chmodSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { keepKeyPair } from '../../../infra/local/hosts/keys.ts'
import { commitsOf, ensureExampleRepository } from '../../../infra/local/trial/repository.ts'
import { openScratch } from '../../../infra/local/trial/scratch.ts'
import { serve } from '../../../infra/local/trial/serve.ts'
import type { Served } from '../../../infra/local/trial/serve.ts'
import { createClient } from '../../../lib/client/api.ts'
import type { Client } from '../../../lib/client/api.ts'
import type { ConfigInput } from '../../../lib/contract/config.ts'
import { eventually, mentioning } from '../../features/support/observe.ts'
import { removeHost } from '../hosts/open-hosts.ts'
import { type FleetHost, type HostPlan, startHost } from './host.ts'

export interface FleetHostPlan extends HostPlan {
  readonly pool: string
  readonly slots: number
}

export interface FleetOptions {
  readonly hosts: readonly FleetHostPlan[]
  /** Default: the one of the trial installation, as `example`. */
  readonly repository?: string
  readonly repositoryName?: string
  /** Called with the home of each host before its server starts. */
  readonly prepare?: (host: { readonly home: string }) => void
}

/** The whole local stack on hosts with servers of their own, and a client of an operator that may lease. */
export interface Fleet {
  readonly served: Served
  readonly client: Client
  readonly hosts: readonly FleetHost[]
  readonly repository: { readonly directory: string; readonly commits: readonly string[] }
  /** The private key by which the stack reaches its hosts. */
  readonly privateKey: string
  host(name: string): FleetHost
  /** Ends everything; answers the processes that were left. */
  close(): Promise<readonly number[]>
}

/** The blueprint of working copies on a pool. */
export const copiesOn = (pool: string): string => `${pool}-copies`
export const EXAMPLE = 'example'

export async function openFleet(options: FleetOptions): Promise<Fleet> {
  const scratch = openScratch()
  chmodSync(scratch.directory, 0o711) // users of slots pass through
  const data = join(scratch.directory, 'data')
  const directory = options.repository ?? ensureExampleRepository(join(scratch.directory, 'example.git'))
  const { privateKey, publicKey } = keepKeyPair(join(data, 'ssh'), 'client_ed25519')
  const hosts = await Promise.all(
    options.hosts.map((plan, index) => {
      const home = join(scratch.directory, plan.name)
      mkdirSync(home, { mode: 0o711 })
      options.prepare?.({ home })
      return startHost(home, plan, publicKey, `127.0.0.${index + 2}`)
    }),
  )
  const catalogue = (): ConfigInput => catalogueOf(options, hosts, pathToFileURL(directory).href)
  const served = await serve({ data, hosts: [], catalogue })
  const client = createClient({ url: served.url, token: served.token })
  await eventually(
    'every slot is ready',
    async () => (await slotsOf(client, options.hosts)).every((state) => state === 'free'),
    60_000,
  )
  return {
    served,
    client,
    hosts,
    privateKey,
    repository: { directory, commits: commitsOf(directory) },
    host: (name) => {
      const found = hosts.find((host) => host.name === name)
      if (!found) throw new Error(`no host ${name}`)
      return found
    },
    close: async () => {
      await served.close()
      await Promise.all(hosts.map((host) => host.close()))
      const left = mentioning(scratch.directory)
      removeHost(scratch.directory)
      return left
    },
  }
}

function catalogueOf(
  { hosts: plans, repositoryName = EXAMPLE }: FleetOptions,
  hosts: readonly FleetHost[],
  url: string,
): ConfigInput {
  const pools = [...new Set(plans.map(({ pool }) => pool))]
  return {
    blueprints: Object.fromEntries(
      pools.flatMap((pool) => [
        [pool, { type: 'host', allow: ['*'], isolation: 'process' }],
        [copiesOn(pool), { type: 'working-copy', pools: [pool], allow: ['*'], isolation: 'process' }],
      ]),
    ),
    hosts: Object.fromEntries(
      hosts.map(({ name, reach, directory }, index) => [
        name,
        {
          pool: plans[index]?.pool ?? '',
          ...reach,
          directory,
          capacity: plans[index]?.slots ?? 1,
        },
      ]),
    ),
    repositories: { [repositoryName]: { url, defaultBranch: 'main', allowFile: true } },
  }
}

/** The state of every slot of the pools. */
export async function slotsOf(
  client: Client,
  plans: readonly Pick<FleetHostPlan, 'pool'>[],
): Promise<readonly string[]> {
  const pools = [...new Set(plans.map(({ pool }) => pool))]
  const views = await Promise.all(pools.map((name) => client.getPool({ name })))
  return views.flatMap(({ hosts }) => hosts.flatMap(({ slots }) => slots.map(({ state }) => state)))
}
