import type {
  EndedLanding,
  Landing,
  LeasedLanding,
  LeasingLanding,
  QueuedLanding,
} from '../../domain/landing/landing.ts'
import { LANDING } from '../../domain/landing/limits.ts'
import { merge } from '../../domain/landing/steps.ts'
import type { Lease } from '../../domain/lease.ts'
import { isUsable } from '../../domain/lease.ts'
import { principalOf } from '../../domain/work.ts'
import { ATTEMPTS, contended, pauseAfter } from '../contention.ts'
import { createLease } from '../leases/create-lease.ts'
import { tellWork } from '../lifecycle/tell-work.ts'
import type { Ports } from '../ports/ports.ts'
import { workUnchanged } from '../store/conditions/work.ts'
import { turnKey, workKey } from '../store/keys.ts'
import { landingOf } from '../store/landing-item.ts'
import { readLease } from '../store/read.ts'
import { toldOf } from '../store/work-item.ts'
import { leave } from '../transactions/branch-turn.ts'
import { keepAlive } from './keep-alive.ts'
import { serveBranch } from './serve-branch.ts'
import { byExecution, endLanding, failWith, loseLease, move } from './settle-landing.ts'
import { verify } from './verify-landing.ts'

export type LandingNeeds = Pick<Ports, 'table' | 'chance' | 'clock' | 'executions' | 'secrets' | 'journal'>

/** Where a landing's execution goes. Who waits does so while nothing was told since: `told` is what was seen. */
export type LandingRoute =
  | {
      readonly route: 'TURN' | 'LEASE' | 'STEP'
      readonly timeoutSeconds: number
      readonly told: number
    }
  | { readonly route: 'MERGE' | 'PUSH' }
  | { readonly route: 'PAUSE'; readonly seconds: number }
  | { readonly route: 'DONE' }

/** What one look at one status came to: somewhere to wait, or something has changed and is looked at again. */
export type Looked = LandingRoute | 'again'

/** Longest wait without a look, seconds; its timer would find it as well. */
const LONGEST_WAIT = 300

/** Brings a landing on as far as it goes without a host, and says what its execution does next. */
export async function advanceLanding(ports: LandingNeeds, id: string): Promise<LandingRoute> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const item = await ports.table.get(workKey('landing', id))
    if (!item) return { route: 'DONE' }
    const looked = await look(ports, landingOf(item), toldOf(item))
    if (looked !== 'again') return looked
    if (attempt > 20) await pauseAfter(ports, attempt)
  }
  throw contended(`advancing landing ${id}`)
}

async function look(ports: LandingNeeds, landing: Landing, told: number): Promise<Looked> {
  switch (landing.status) {
    case 'queued':
      return queued(ports, landing, told)
    case 'leasing':
      return leasing(ports, landing, told)
    case 'merging':
      return (await late(ports, landing)) ? 'again' : { route: 'MERGE' }
    case 'verifying':
      return (await late(ports, landing)) ? 'again' : verify(ports, landing, told)
    case 'pushing':
      return { route: 'PUSH' }
    case 'ending':
      return ended(await endLanding(ports, landing))
    case 'ended':
      await passOn(ports, landing)
      return { route: 'DONE' }
  }
}

const ended = (landing: EndedLanding | undefined): Looked => (landing ? { route: 'DONE' } : 'again')

/** Whoever ended it may have died before it told the next one. */
async function passOn(ports: LandingNeeds, { repository, branch }: Landing): Promise<void> {
  await serveBranch(ports, repository, branch, byExecution(ports))
  const turn = await ports.table.get(turnKey(repository, branch))
  const holder = turn?.['holder']
  if (typeof holder === 'string') await tellWork(ports, 'landing', holder)
}

async function queued(ports: LandingNeeds, landing: QueuedLanding, told: number): Promise<Looked> {
  const by = byExecution(ports)
  if (by.now >= landing.waitDeadline) {
    const detail = 'its turn did not come in the time that it was given'
    await leave(ports, landing, { result: 'failed', code: 'wait_timeout', detail }, by)
    return 'again'
  }
  await serveBranch(ports, landing.repository, landing.branch, by)
  const [item] = await ports.table.getAll([workKey('landing', landing.id)])
  if (!item || landingOf(item).status !== 'queued') return 'again'
  return { route: 'TURN', timeoutSeconds: secondsTo(landing.waitDeadline, by.now, 86_400), told }
}

/** Its working copy: made on the target branch, with the id that the landing's record has. */
async function leasing(ports: LandingNeeds, landing: LeasingLanding, told: number): Promise<Looked> {
  if (await late(ports, landing)) return 'again'
  const lease = await readLease(ports, landing.lease)
  if (!lease) return ask(ports, landing)
  const now = ports.clock.now()
  if (lease.status === 'pending' || lease.status === 'acquired') {
    return { route: 'LEASE', timeoutSeconds: secondsTo(landing.deadline, now, LONGEST_WAIT), told }
  }
  if (isUsable(lease, now)) await move(ports, landing, merge(landing, byExecution(ports)))
  else await leaseEnded(ports, landing, lease)
  return 'again'
}

async function ask(ports: LandingNeeds, landing: LeasingLanding): Promise<Looked> {
  const { id, lease, tenant, repository, branch, blueprint, priority, version } = landing
  const caller = { principal: principalOf('landing', id), tenant, scopes: ['lease'] } as const
  const demand = {
    blueprint,
    repository,
    commit: `refs/heads/${branch}`,
    priority,
    durations: {},
    note: landing.note ?? `landing ${id}`,
  }
  const key = { hash: `lease-${lease}`, requestHash: lease }
  const born = await createLease(ports, caller, demand, key, {
    id: lease,
    while: { kind: 'check', key: workKey('landing', id), when: workUnchanged(version, 'leasing') },
  })
  if (born.ok) return 'again'
  const { refused, detail, retryAfterSeconds } = born.refusal
  if (refused === 'conflict') return 'again'
  const left = landing.since + LANDING.permit - ports.clock.now()
  const patient = refused !== 'quota_exceeded' || left > 0
  if (retryAfterSeconds !== undefined && patient) return { route: 'PAUSE', seconds: retryAfterSeconds }
  await failWith(ports, landing, refused, detail)
  return 'again'
}

/** A branch that the remote does not have is the request's fault; whatever else ended the lease may not happen again. */
async function leaseEnded(ports: LandingNeeds, landing: LeasingLanding, lease: Lease): Promise<void> {
  const reason = 'reason' in lease ? lease.reason : 'expired'
  const detail = 'detail' in lease && lease.detail !== undefined ? lease.detail : reason
  if (reason !== 'request_failed') return loseLease(ports, landing, detail)
  const [code = reason] = detail.split(':')
  await failWith(ports, landing, code === 'unknown_commit' ? 'unknown_branch' : code, detail)
}

/** Too late to begin to push: the branch is the next one's. What was begun is for the remote to say. */
async function late(ports: LandingNeeds, landing: LeasingLanding | LeasedLanding): Promise<boolean> {
  if (ports.clock.now() < landing.deadline) {
    if (landing.status !== 'leasing') await keepAlive(ports, landing)
    return false
  }
  await failWith(ports, landing, 'turn_timeout', 'it had its turn for longer than it may take')
  return true
}

const secondsTo = (instant: number, now: number, most: number): number =>
  Math.max(1, Math.min(most, Math.ceil((instant - now) / 1_000) + 1))
