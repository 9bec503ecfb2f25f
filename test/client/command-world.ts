import { afterEach, expect } from 'vitest'
import { startLeases } from '../support/api/leases.ts'
import type { Leases, World } from '../support/api/leases.ts'
import { drydock } from './drydock.ts'
import type { Drydock, Start } from './drydock.ts'

const worlds: Leases[] = []
const started: Drydock[] = []

/** No command, server or program of a test outlives it. */
export function leaveNothing(): void {
  afterEach(async () => {
    for (const each of started) each.kill('SIGKILL')
    await Promise.all(started.splice(0).map((each) => each.ended))
    const closing = worlds.splice(0)
    await Promise.all(closing.map((each) => each.close()))
    expect(closing.flatMap((each) => each.programs()).filter((program) => !program.ended())).toEqual([])
  })
}

/** A service and the command `drydock` that knows where it is. */
export async function world(given: World = {}) {
  const api = await startLeases(given)
  worlds.push(api)
  const start = (argv: readonly string[], { environment = {}, ...more }: Start = {}) => {
    const command = drydock(argv, {
      environment: {
        DRYDOCK_URL: api.url,
        DRYDOCK_TOKEN: 'api-token',
        DRYDOCK_BLUEPRINT: 'linux',
        ...environment,
      },
      ...more,
    })
    started.push(command)
    return command
  }
  return { api, start, run: (argv: readonly string[], more?: Start) => start(['run', ...argv], more).ended }
}

/** What the releases said. */
export const outcomes = (api: Leases) =>
  api.seen
    .filter(({ name }) => name === 'releaseLease')
    .map(({ body }) => (body as { outcome: string }).outcome)

/** Until somebody polls a lease. */
export async function pollOf(api: Leases): Promise<void> {
  while (!api.seen.some(({ name }) => name === 'getLease'))
    await new Promise((resolve) => setImmediate(resolve))
}
