import type { WaitingBuild } from '../../domain/build.ts'
import { startBuild } from '../../domain/build-transitions.ts'
import type { ActiveLease } from '../../domain/lease.ts'
import { isUsable } from '../../domain/lease.ts'
import type { Refusal } from '../../domain/refusals.ts'
import { readLease } from '../store/read.ts'
import { moveBuild } from '../transactions/move-build.ts'
import { askForLease } from './ask-for-lease.ts'
import type { BuildAct, Driven, DriveNeeds } from './drive-build.ts'
import { release, verdictOfLease } from './end-steps.ts'
import { startStep } from './start-step.ts'
import { beatOf, untilRenewal } from './wait-times.ts'

const ACTOR = 'execution'
/** A tenant's quota is full, or its leases are made faster than they can be: nobody tells when that is over. Seconds. */
const COME_AGAIN = 15

/** Asks for the lease where there is none yet, and begins the first step once it is active. */
export async function lookForLease(
  ports: DriveNeeds,
  build: WaitingBuild,
  told: number,
  act: BuildAct,
): Promise<Driven> {
  const lease = await readLease(ports, build.leaseId)
  if (!lease) return ask(ports, build, told)
  if (lease.status === 'pending' || lease.status === 'acquired') {
    return { route: 'AWAIT_LEASE', told, timeoutSeconds: beatOf(lease) }
  }
  const now = ports.clock.now()
  if (!isUsable(lease, now)) return release(ports, build, verdictOfLease(lease))
  return act === 'STEP' ? start(ports, build, lease, told) : { route: 'STEP' }
}

async function ask(ports: DriveNeeds, build: WaitingBuild, told: number): Promise<Driven> {
  const created = await askForLease(ports, build)
  if (created.ok) {
    const lease = await readLease(ports, build.leaseId)
    return lease && { route: 'AWAIT_LEASE', told, timeoutSeconds: beatOf(lease) }
  }
  const { refusal } = created
  if (refusal.refused === 'conflict') return undefined
  if (passes(refusal) && ports.clock.now() < build.since + (build.lease.wait ?? LONGEST_TRY)) {
    return { route: 'AWAIT_LEASE', told, timeoutSeconds: COME_AGAIN }
  }
  const verdict = passes(refusal)
    ? ({ outcome: 'infrastructure', reason: 'wait_timeout' } as const)
    : ({ outcome: 'failed', reason: 'refused' } as const)
  return release(ports, build, { ...verdict, detail: `${refusal.refused}: ${refusal.detail}` })
}

/** A build that names no wait tries so long to be given a place, milliseconds. */
const LONGEST_TRY = 3_600_000

const passes = ({ refused }: Refusal): boolean => refused === 'quota_exceeded' || refused === 'unavailable'

async function start(
  ports: DriveNeeds,
  build: WaitingBuild,
  lease: ActiveLease,
  told: number,
): Promise<Driven> {
  const { receipt } = lease
  if (!receipt) {
    const detail = 'its lease has no working copy'
    return release(ports, build, { outcome: 'infrastructure', reason: 'fault', detail })
  }
  const source = { commit: receipt.commit, tree: receipt.tree }
  const command = await startStep(ports, { build, source, lease, index: 0 })
  if (command === undefined) return undefined
  const by = { now: ports.clock.now(), actor: ACTOR }
  const moved = await moveBuild(ports, build, startBuild(build, source, { index: 0, command }, by))
  if (!moved.committed) return undefined
  return { route: 'AWAIT_STEP', told, timeoutSeconds: untilRenewal(lease, by.now) }
}
