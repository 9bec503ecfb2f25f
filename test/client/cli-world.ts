import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach } from 'vitest'
import { startLeases } from '../support/api/leases.ts'
import type { Handlers } from '../support/api/server.ts'
import { drydock } from './drydock.ts'
import type { Start } from './drydock.ts'

const cleanups: (() => Promise<void>)[] = []

/** No server or directory of a test outlives it. */
export function cleanUp(): void {
  afterEach(async () => {
    await Promise.all(cleanups.splice(0).map((cleanup) => cleanup()))
  })
}

/** A service with the given answers, and the command that knows where it is. */
export async function world(handlers: Handlers = {}) {
  const api = await startLeases({ handlers })
  cleanups.push(api.close)
  const environment = { DRYDOCK_URL: api.url, DRYDOCK_TOKEN: 'api-token' }
  return { api, environment, cli: (argv: readonly string[]) => text(argv, { environment }) }
}

/** Runs `drydock` to its end. */
export async function text(argv: readonly string[], start: Start = {}) {
  const { code, stdout, stderr } = await drydock(argv, start).ended
  return { code, stdout: stdout.toString(), stderr }
}

/** A directory with files that only their owner may read. */
export async function directory(files: Readonly<Record<string, string>> = {}) {
  const path = await mkdtemp(join(tmpdir(), 'drydock-'))
  cleanups.push(() => rm(path, { recursive: true }))
  for (const [name, content] of Object.entries(files)) {
    await mkdir(join(path, name, '..'), { recursive: true })
    await writeFile(join(path, name), content, { mode: 0o600 })
  }
  return path
}
