import type { Build, Source } from '../../domain/build.ts'
import { isWell } from '../../domain/build.ts'
import type { ActiveLease } from '../../domain/lease.ts'
import { runCommand } from '../commands/run-command.ts'
import { argvOfScript } from '../commands/script.ts'
import type { Ports } from '../ports/ports.ts'
import type { Item } from '../ports/table.ts'
import { text } from '../store/attributes.ts'
import { buildStepKey } from '../store/keys.ts'
import { callerOf } from './build.ts'

interface Place {
  readonly build: Build
  readonly source: Source
  readonly lease: ActiveLease
  readonly index: number
}

/**
 * Begins a step as a command of the lease, or finds the one that it was begun as before. Answers its number; undefined
 * where the lease ended meanwhile.
 * @throws Error where the command is refused for what it is: that was judged when the build was made
 */
export async function startStep(
  ports: Pick<Ports, 'table' | 'chance' | 'clock' | 'executions' | 'journal'>,
  { build, source, lease, index }: Place,
): Promise<number | undefined> {
  const step = build.steps[index]
  const [shared, own] = await ports.table.getAll([
    buildStepKey(build.id, 0),
    buildStepKey(build.id, index + 1),
  ])
  if (!step || !shared || !own) throw new Error(`build ${build.id} has no step ${index + 1}`)
  const demand = {
    argv: argvOfScript(text(own, 'script')),
    environment: {
      ...environmentOf(shared),
      ...environmentOf(own),
      DRYDOCK_BUILD_ID: build.id,
      DRYDOCK_GENERATION: String(build.generation),
      DRYDOCK_REPOSITORY: build.lease.repository,
      DRYDOCK_COMMIT: source.commit,
      ...(build.lease.commit === undefined ? {} : { DRYDOCK_REF: build.lease.commit }),
      DRYDOCK_STEP: step.name,
      DRYDOCK_STEP_NUMBER: String(index + 1),
      DRYDOCK_BUILD_STATUS: isWell(build) ? 'succeeding' : 'failing',
    },
    // What outlives its lease is ended with it.
    timeoutSeconds: Math.min(step.timeoutSeconds, Math.floor(lease.maxHold / 1_000)),
    directory: '.',
  }
  const key = { hash: `step-${build.generation}-${index + 1}`, requestHash: build.leaseId }
  const run = await runCommand(ports, callerOf(build), lease.id, demand, key)
  if (run.ok) return run.value.number
  const { refused, detail } = run.refusal
  if (refused === 'lease_lost' || refused === 'not_active') return undefined
  throw new Error(`step ${index + 1} of build ${build.id} was refused: ${refused}: ${detail}`)
}

const environmentOf = (item: Item) => item['environment'] as Readonly<Record<string, string>>
