import type { FakeCommand } from '../../../lib/adapters/memory/hosts.ts'
import { buildOf } from '../../../lib/app/builds/build.ts'
import { awaitBuildOutput } from '../../../lib/app/builds/build-output.ts'
import { createBuild } from '../../../lib/app/builds/create-build.ts'
import type { AskedStep, BuildDemand } from '../../../lib/app/builds/judge-build.ts'
import type { CommandRequest } from '../../../lib/app/ports/hosts.ts'
import { workKey } from '../../../lib/app/store/keys.ts'
import type { Build } from '../../../lib/domain/build.ts'
import type { Caller } from '../../../lib/domain/access.ts'
import type { Result } from '../../../lib/domain/refusals.ts'
import type { World, WorldOptions } from '../../support/world.ts'
import { CI, openWorld } from '../../support/world.ts'
import { itemAt } from './look.ts'

/** What a script does is what it says: `ok`, `fail`, `hang`, or `takes N` milliseconds. Each prints its step's name. */
export function behave({ argv, environment }: CommandRequest): FakeCommand {
  const script = argv.at(-1) ?? ''
  const stdout = `${environment['DRYDOCK_STEP'] ?? ''}\n`
  if (script === 'hang') return 'hang'
  const milliseconds = Number(/^takes (\d+)$/.exec(script)?.[1] ?? 0)
  return { exitCode: script === 'fail' ? 3 : 0, stdout, milliseconds }
}

export const openBuilds = async (options: WorldOptions = {}): Promise<World> =>
  openWorld({ ...options, fakeHosts: { command: behave, ...options.fakeHosts } })

export const step = (script: string, more: Partial<AskedStep> = {}): AskedStep => ({
  name: script,
  script,
  environment: {},
  continueOnError: false,
  always: false,
  ...more,
})

export const demandFor = (
  steps: readonly AskedStep[],
  { lease, ...more }: Partial<Omit<BuildDemand, 'lease'>> & { lease?: Partial<BuildDemand['lease']> } = {},
): BuildDemand => ({
  lease: { repository: 'example', priority: 0, blueprint: 'checkout', ...lease },
  environment: {},
  retries: 0,
  steps,
  ...more,
})

export const tryBuild = async (
  world: World,
  demand: BuildDemand,
  key = 'one',
  caller: Caller = CI,
): Promise<Result<Build>> =>
  createBuild(world.ports, caller, demand, { hash: key, requestHash: JSON.stringify(demand) })

export async function build(
  world: World,
  steps: readonly AskedStep[],
  more: Parameters<typeof demandFor>[1] = {},
): Promise<string> {
  const made = await tryBuild(world, demandFor(steps, more))
  if (!made.ok) throw new Error(`${made.refusal.refused}: ${made.refusal.detail}`)
  return made.value.id
}

export const buildNow = (world: World, id: string): Build => buildOf(itemAt(world, workKey('build', id)))

export const statesOf = (found: Build): readonly string[] => found.states.map(({ status }) => status)

/** Everything that its steps have said so far. */
export async function outputOf(world: World, id: string, after = 0): Promise<string> {
  const page = await awaitBuildOutput(world.ports, CI, id, { after, milliseconds: 0 })
  if (!page.ok) throw new Error(page.refusal.detail)
  return page.value.chunks
    .map((chunk) => ('bytes' in chunk ? new TextDecoder().decode(chunk.bytes) : ''))
    .join('')
}
