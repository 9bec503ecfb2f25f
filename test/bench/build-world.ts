import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { serve } from '../../infra/local/trial/serve.ts'
import { createClient } from '../../lib/client/api.ts'
import type { Client } from '../../lib/client/api.ts'
import { git, makeLargeRepository } from './repository.ts'
import { settle } from './settle.ts'

export const POOL = 'linux'
const COPIES = 'copies'
export const BIG = 'big'

/** The local stack with hosts of one pool, and a repository of 2,000 files and 1,000 commits. */
export interface BuildWorld {
  readonly client: Client
  /** Oldest first. */
  readonly commits: readonly string[]
  treeOf(commit: string): string
  close(): Promise<void>
}

export async function openBuildWorld(hosts: readonly string[], slots: number): Promise<BuildWorld> {
  const directory = mkdtempSync(join(tmpdir(), 'drydock-bench-'))
  const repository = join(directory, 'big.git')
  const commits = makeLargeRepository(repository, { commits: 1_000, changed: 4 })
  const served = await serve({
    hosts,
    catalogue: (reached) => ({
      blueprints: {
        [POOL]: { type: 'host', allow: ['*'], isolation: 'process' },
        [COPIES]: { type: 'working-copy', pools: [POOL], allow: ['*'], isolation: 'process' },
      },
      hosts: Object.fromEntries(
        reached.map(({ name, reach, directory: at }) => [
          name,
          { pool: POOL, ...reach, directory: at, capacity: slots },
        ]),
      ),
      repositories: { [BIG]: { url: pathToFileURL(repository).href, allowFile: true } },
    }),
    onLog: (source, line) => {
      if (/"level":"(?:ERROR|CRITICAL)"/.test(line)) console.error(`${source}: ${line}`)
    },
  })
  const client = createClient({ url: served.url, token: served.token })
  await settle(client)
  return {
    client,
    commits,
    treeOf: (commit) => git(['-C', repository, 'rev-parse', `${commit}^{tree}`]).trim(),
    close: async () => {
      await served.close()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}
