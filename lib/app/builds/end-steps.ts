import type { Build, EndedBuild, RunningBuild, Verdict, WaitingBuild } from '../../domain/build.ts'
import type { Ran } from '../../domain/build-transitions.ts'
import { releaseBuild } from '../../domain/build-transitions.ts'
import type { Lease } from '../../domain/lease.ts'
import { moveBuild } from '../transactions/move-build.ts'
import type { BuildEvent, BuildRoute, Driven, DriveNeeds } from './drive-build.ts'

/** The verdict is known: from here the way leads through the release of the lease and nowhere else. */
export async function release(
  ports: DriveNeeds,
  build: WaitingBuild | RunningBuild,
  verdict: Verdict,
  more: { readonly ran?: Ran } = {},
): Promise<Driven> {
  const by = { now: ports.clock.now(), actor: 'execution' }
  const moved = await moveBuild(ports, build, releaseBuild(build, verdict, by, more))
  return moved.committed ? { route: 'RELEASE' } : undefined
}

/** What it means for a build that its lease ended before it did, with the lease's own reason. */
export function verdictOfLease(lease: Lease): Verdict {
  if (isAtHardMaximum(lease)) {
    const detail = `it took longer than the ${lease.maxHold / 1_000} s that its lease may last`
    return { outcome: 'failed', reason: 'timeout', detail }
  }
  if (!('reason' in lease)) return { outcome: 'infrastructure', reason: 'expired' }
  const { reason, detail } = lease
  const more = { reason, ...(detail === undefined ? {} : { detail }) }
  return { outcome: reason === 'request_failed' ? 'failed' : 'infrastructure', ...more }
}

/** It had all of its time; one that expires before that was not renewed, which is no fault of the build. */
function isAtHardMaximum(lease: Lease): boolean {
  if (lease.status === 'active') return lease.expiresAt >= lease.maxExpiresAt
  if (!('reason' in lease) || lease.reason !== 'expired' || lease.activatedAt === undefined) return false
  return lease.endedAt >= lease.activatedAt + lease.maxHold
}

/** A step of the machine failed again and again: a fault of ours, for which no slot is kept waiting. */
export async function giveUp(ports: DriveNeeds, build: WaitingBuild | RunningBuild): Promise<Driven> {
  const detail = 'a step of its execution failed for long; operators find it in its history'
  return release(ports, build, { outcome: 'infrastructure', reason: 'fault', detail })
}

/** Where an execution goes by the record alone. */
export function whereOf(build: Build): BuildRoute {
  switch (build.status) {
    case 'waiting':
      return { route: 'LEASE' }
    case 'running':
      return { route: 'STEP' }
    case 'releasing':
      return { route: 'RELEASE' }
    case 'ended':
      return build.timer === undefined ? { route: 'DONE' } : { route: 'NOTIFY', event: eventOf(build) }
  }
}

const eventOf = ({ id, generation, tenant, lease, source, verdict }: EndedBuild): BuildEvent => ({
  buildId: id,
  generation,
  tenant,
  repository: lease.repository,
  ...(source ? { commit: source.commit } : {}),
  outcome: verdict.outcome,
  ...(verdict.reason === undefined ? {} : { reason: verdict.reason }),
})
