import type { FakeCommand } from '../../../lib/adapters/memory/hosts.ts'
import type { CommandDemand } from '../../../lib/app/commands/judge-command.ts'
import { awaitOutput } from '../../../lib/app/commands/read-command.ts'
import type { Chunk } from '../../../lib/app/commands/read-command.ts'
import { runCommand } from '../../../lib/app/commands/run-command.ts'
import type { CommandRequest } from '../../../lib/app/ports/hosts.ts'
import type { World, WorldOptions } from '../../support/world.ts'
import { CI, holder, openWorld } from '../../support/world.ts'

export const DEMAND: CommandDemand = { argv: ['make'], environment: {}, timeoutSeconds: 60, directory: '.' }

/** An active lease, whose commands do what `command` says. */
export async function activeLease(command: FakeCommand, options: WorldOptions = {}) {
  const requests: CommandRequest[] = []
  const fakeHosts = {
    command: (request: CommandRequest) => {
      requests.push(request)
      return command
    },
  }
  const world = await openWorld({ ...options, fakeHosts })
  const { leaseId } = await world.ask()
  await world.settle()
  const run = async (demand: Partial<CommandDemand> = {}) =>
    runCommand(
      world.ports,
      holder(leaseId),
      leaseId,
      { ...DEMAND, ...demand },
      { hash: 'k', requestHash: 'r' },
    )
  return { world, leaseId, run, requests }
}

/** Everything that can be read from an offset on, page by page. */
export async function readAll(world: World, leaseId: string, from = 0): Promise<readonly Chunk[]> {
  const chunks: Chunk[] = []
  for (let after = from; ;) {
    const page = await awaitOutput(world.ports, CI, leaseId, 1, after, 0)
    if (!page.ok) throw new Error(page.refusal.detail)
    chunks.push(...page.value.chunks)
    if (page.value.next === after) return chunks
    after = page.value.next
  }
}

/** A stream's text, with gaps as numbers in brackets. */
export const textOf = (chunks: readonly Chunk[], stream: 'stdout' | 'stderr'): string =>
  chunks
    .filter((chunk) => chunk.stream === stream)
    .map((chunk) => ('bytes' in chunk ? Buffer.from(chunk.bytes).toString() : `[${chunk.omitted}]`))
    .join('')
