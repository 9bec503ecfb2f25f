import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect } from 'vitest'
import { exampleCatalogue, POOL } from '../../../infra/local/trial/catalogue.ts'
import { commitsOf, ensureExampleRepository } from '../../../infra/local/trial/repository.ts'
import { openScratch } from '../../../infra/local/trial/scratch.ts'
import { serve } from '../../../infra/local/trial/serve.ts'
import type { Served, ServeOptions } from '../../../infra/local/trial/serve.ts'
import { createClient } from '../../../lib/client/api.ts'
import type { Client } from '../../../lib/client/api.ts'
import type { Findings } from '../../../lib/app/repair/sweep/sweep.ts'
import type { Pool } from '../../../lib/contract/pool.ts'
import { descendants, eventually, mentioning } from './observe.ts'

export { POOL, REPOSITORY, WORKING_COPIES } from '../../../infra/local/trial/catalogue.ts'

export interface Installation {
  readonly served: Served
  /** Of an operator that may also lease. */
  readonly client: Client
  readonly repository: { readonly directory: string; readonly commits: readonly string[] }
  readonly scratch: string
  /** A client of a tenant that may lease and nothing else. */
  as(tenant: string): Promise<Client>
  pool(): Promise<Pool>
  /** Resolves when every lease is destroyed and every slot may be given away. */
  settled(): Promise<void>
  /** Ends it orderly in the middle of whatever it is at. */
  stop(): Promise<void>
  /** Holds it against the house rules: nothing is lost, the sweep has nothing to do, no process is left. */
  close(): Promise<void>
}

export type InstallationOptions = Partial<ServeOptions> & {
  /** Slots that stay unclean on purpose. */
  readonly unclean?: number
  /** False where leases of an earlier run may still live. Default true. */
  readonly fresh?: boolean
  /** Of each host; default 2. */
  readonly slots?: number
}

/** The whole system with an example repository, as `npm start` has it; alone in directories of its own. */
export async function openInstallation(options: InstallationOptions = {}): Promise<Installation> {
  const before = descendants(process.pid)
  const scratch = openScratch()
  const directory = ensureExampleRepository(join(scratch.directory, 'example.git'))
  const example = { url: pathToFileURL(directory).href, defaultBranch: 'main' }
  const { unclean = 0, slots = 2, fresh = true, ...given } = options
  const served = await serve({
    transport: process.env['DRYDOCK_TEST_TRANSPORT'] === 'ssm' ? 'ssm' : 'ssh',
    catalogue: (hosts) => exampleCatalogue(hosts, slots, example),
    ...given,
  })
  const client = createClient({ url: served.url, token: served.token })
  const pool = () => client.getPool({ name: POOL })

  const settled = async () => {
    await eventually('every lease is destroyed', async () => (await living(client)).length === 0)
    await eventually('every slot is free', async () => {
      const { slots, waiting } = await pool()
      return slots.free === slots.total - unclean && waiting === 0
    })
  }
  const stop = async () => {
    await served.close()
    rmSync(scratch.directory, { recursive: true, force: true })
    await nothingLeft(served)
    expect(descendants(process.pid).filter((pid) => !before.includes(pid))).toEqual([])
  }
  if (fresh) await settled()
  return {
    served,
    client,
    repository: { directory, commits: commitsOf(directory) },
    scratch: scratch.directory,
    pool,
    settled,
    as: async (tenant) =>
      createClient({ url: served.url, token: await served.mint({ tenant, scopes: ['lease'] }) }),
    stop,
    close: async () => {
      try {
        await settled()
        // That an idle copy goes is the sweep's own work.
        expect(await sweep(served)).toEqual({ ...NOTHING, unclean, tidied: expect.any(Number) })
      } finally {
        await stop()
      }
    },
  }
}

/** Of a sweep that met everything in order. */
export const NOTHING: Findings = {
  due: 0,
  ended: 0,
  restarted: 0,
  orphans: 0,
  served: 0,
  unclean: 0,
  astray: 0,
  tidied: 0,
  misplaced: 0,
  quarantined: 0,
  failed: 0,
}

/** What a sweep finds now. */
export async function sweep(served: Served): Promise<unknown> {
  const result = await served.invoke('drydock-sweep', {})
  expect(result).toMatchObject({ ok: true })
  return (result as { readonly payload: unknown }).payload
}

/** No process that a host started, and none that was told where this stack's services are. */
export async function nothingLeft({ hosts, endpoints }: Served): Promise<void> {
  const traces = [...hosts.map((host) => host.directory), ...Object.values(endpoints)]
  await eventually('no process is left', async () => traces.every((trace) => mentioning(trace).length === 0))
  expect(traces.flatMap(mentioning)).toEqual([])
}

async function living(client: Client): Promise<readonly string[]> {
  const ids: string[] = []
  for (let cursor: string | undefined; ;) {
    const page = await client.listLeases({ limit: 100, cursor })
    ids.push(...page.leases.filter(({ status }) => status !== 'destroyed').map(({ id }) => id))
    cursor = page.cursor
    if (cursor === undefined) return ids
  }
}
