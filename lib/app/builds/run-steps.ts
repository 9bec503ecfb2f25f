import type { RunningBuild } from '../../domain/build.ts'
import { nextStep, runningStep, verdictOf } from '../../domain/build.ts'
import type { Ran } from '../../domain/build-transitions.ts'
import { advanceBuild } from '../../domain/build-transitions.ts'
import type { ActiveLease } from '../../domain/lease.ts'
import { isUsable } from '../../domain/lease.ts'
import type { Command } from '../commands/command.ts'
import { commandOf } from '../commands/command.ts'
import { renewLease } from '../leases/renew-lease.ts'
import { commandKey, leaseKey } from '../store/keys.ts'
import { leaseOf } from '../store/lease-item.ts'
import { moveBuild } from '../transactions/move-build.ts'
import { callerOf } from './build.ts'
import type { Driven, DriveNeeds } from './drive-build.ts'
import { release, verdictOfLease } from './end-steps.ts'
import { startStep } from './start-step.ts'
import { isRenewalDue, untilRenewal } from './wait-times.ts'

const ACTOR = 'execution'

/** Looks at the step that runs; where it has ended, begins the next one, or has the verdict. Keeps the lease alive. */
export async function runSteps(ports: DriveNeeds, build: RunningBuild, told: number): Promise<Driven> {
  const index = runningStep(build)
  const state = build.states[index]
  if (state?.status !== 'running') throw new Error(`build ${build.id} runs no step`)
  const [leaseItem, commandItem] = await ports.table.getAll([
    leaseKey(build.leaseId),
    commandKey(build.leaseId, state.command),
  ])
  const lease = leaseItem && leaseOf(leaseItem)
  const command = commandItem && commandOf(commandItem)
  if (!lease || !command) throw new Error(`build ${build.id} has lost its lease or its command`)
  const now = ports.clock.now()
  // A step that ended before the lease did is a fact, and may even have been the last one.
  const ran = command.status === 'ended' && command.cause !== 'lease_lost' ? ranOf(index, command) : undefined
  const after = ran
    ? {
        ...build,
        states: build.states.with(index, { ...ran.end, status: ran.status, command: command.number }),
      }
    : build
  const next = nextStep(after)
  if (ran && next < 0) return release(ports, build, verdictOf(after), { ran })
  if (!isUsable(lease, now)) return release(ports, build, verdictOfLease(lease), ran ? { ran } : {})
  if (command.status === 'ended' && !ran) {
    // The host's fence refused it while the table still takes the lease for a good one.
    const verdict = { outcome: 'infrastructure', reason: 'step_lost', ...detailOf(command) } as const
    return release(ports, build, verdict)
  }
  const renewed = await renew(ports, build, lease, now)
  if (!ran) return { route: 'AWAIT_STEP', told, timeoutSeconds: untilRenewal(renewed, now) }
  const number = await startStep(ports, { build: after, source: build.source, lease, index: next })
  if (number === undefined) return undefined
  const by = { now: ports.clock.now(), actor: ACTOR }
  const moved = await moveBuild(ports, build, advanceBuild(build, ran, { index: next, command: number }, by))
  return moved.committed
    ? { route: 'AWAIT_STEP', told, timeoutSeconds: untilRenewal(renewed, by.now) }
    : undefined
}

/** The lease as it is afterwards. One that cannot be prolonged any more goes on to its hard maximum. */
async function renew(
  ports: DriveNeeds,
  build: RunningBuild,
  lease: ActiveLease,
  now: number,
): Promise<ActiveLease> {
  if (!isRenewalDue(lease, now)) return lease
  const renewed = await renewLease(ports, callerOf(build), lease.id)
  return renewed.ok && renewed.value.status === 'active' ? renewed.value : lease
}

/** A command that its supervisor left behind says nothing of what it ran. */
function ranOf(index: number, command: Command): Ran {
  const { cause = 'lost', exitCode, startedAt, endedAt = command.createdAt } = command
  const status = cause === 'lost' ? 'lost' : cause === 'exited' && exitCode === 0 ? 'succeeded' : 'failed'
  return {
    index,
    status,
    end: {
      cause,
      endedAt,
      ...(exitCode === undefined ? {} : { exitCode }),
      ...(startedAt === undefined ? {} : { startedAt }),
      ...detailOf(command),
    },
  }
}

const detailOf = ({ detail }: Command) => (detail === undefined ? {} : { detail })
