import type { ReleasingBuild } from '../../domain/build.ts'
import { endBuild, renewBuild, triesAgain } from '../../domain/build-transitions.ts'
import { releaseLease } from '../leases/release-lease.ts'
import type { Ports } from '../ports/ports.ts'
import { notThereYet } from '../store/conditions/any-item.ts'
import { readLease } from '../store/read.ts'
import { moveBuild } from '../transactions/move-build.ts'
import { askForLease } from './ask-for-lease.ts'
import { callerOf, generationItem } from './build.ts'
import type { Driven, DriveNeeds } from './drive-build.ts'
import { whereOf } from './end-steps.ts'

const ACTOR = 'execution'
/** Cleaning takes milliseconds; a host that is away is given up by the lease itself. Seconds. */
const LONGEST_LOOK = 60

/** Gives the lease back, if there is one, and waits until nothing of it is left. */
export async function giveBack(
  ports: Pick<Ports, 'table' | 'chance' | 'clock' | 'executions' | 'journal'>,
  build: ReleasingBuild,
  told: number,
): Promise<Driven> {
  const lease = await readLease(ports, build.leaseId)
  // None was made, and since the build does not wait any more none can be.
  if (!lease || lease.status === 'destroyed') return { route: 'RESULT' }
  if (lease.status !== 'released' && lease.status !== 'broken') {
    const released = await releaseLease(ports, callerOf(build), build.leaseId, 'ok')
    if (released.ok && released.value.status === 'destroyed') return { route: 'RESULT' }
  }
  return { route: 'AWAIT_RELEASE', told, timeoutSeconds: LONGEST_LOOK }
}

/**
 * Nothing of the lease is left: the generation has ended, and is kept as it ended. Another one follows where somebody
 * asked for it, or where the build may try again what the infrastructure has failed.
 */
export async function concludeBuild(ports: DriveNeeds, build: ReleasingBuild): Promise<Driven> {
  const lease = await readLease(ports, build.leaseId)
  if (lease && lease.status !== 'destroyed') return { route: 'RELEASE' }
  const by = { now: ports.clock.now(), actor: ACTOR }
  const again = build.restart ?? (triesAgain(build) ? { leaseId: ports.chance.ulid() } : undefined)
  const ended = endBuild(build, by)
  const last = build.webhook === undefined || again !== undefined ? 'none' : 'pending'
  const record = {
    kind: 'put',
    item: generationItem(ended.work, { webhook: last, tries: 0 }),
    when: notThereYet,
  } as const
  if (!again) {
    const moved = await moveBuild(ports, build, ended, [record])
    return moved.committed ? whereOf(ended.work) : undefined
  }
  const left = build.restart ? build.retriesLeft : build.retriesLeft - 1
  const { work: next, event } = renewBuild(build, again.leaseId, by, left)
  const moved = await moveBuild(ports, build, { work: next, event }, [record])
  if (!moved.committed) return undefined
  if (next.status === 'waiting') await askForLease(ports, next)
  await ports.executions.ensureBuild(next.id, next.generation)
  return { route: 'DONE' }
}
