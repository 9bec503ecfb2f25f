import type {
  EndedLanding,
  EndingLanding,
  LeasedLanding,
  LeasingLanding,
  Outcome,
  StrivingLanding,
  VerifiedStep,
} from '../../domain/landing/landing.ts'
import { LANDING } from '../../domain/landing/limits.ts'
import { leaseAgain, settle } from '../../domain/landing/steps.ts'
import type { Cause } from '../../domain/step.ts'
import type { WorkStep } from '../../domain/work.ts'
import { releaseLease } from '../leases/release-lease.ts'
import type { HolderOutcome } from '../leases/release-lease.ts'
import { ATTEMPTS, contended, pauseAfter } from '../contention.ts'
import { tellWork } from '../lifecycle/tell-work.ts'
import type { Ports } from '../ports/ports.ts'
import { readLease } from '../store/read.ts'
import { endTurn } from '../transactions/branch-turn.ts'
import { moveWork } from '../transactions/move-work.ts'
import type { Landing } from '../../domain/landing/landing.ts'
import { headOf, serveBranch } from './serve-branch.ts'

type Needs = Pick<Ports, 'table' | 'chance' | 'clock' | 'executions' | 'journal'>

export const ACTOR = 'execution'

export const byExecution = (ports: Pick<Ports, 'clock'>): Cause => ({ now: ports.clock.now(), actor: ACTOR })

/** One transition. Whoever loses reads again and decides again. */
export async function move(
  ports: Pick<Ports, 'table' | 'chance'>,
  before: Landing,
  step: WorkStep<Landing>,
): Promise<boolean> {
  const opId = ports.chance.opaque()
  return (await ports.table.transact(opId, moveWork(opId, 'landing', before, step))).committed
}

export const settleAs = async (ports: Needs, landing: StrivingLanding, outcome: Outcome): Promise<boolean> =>
  move(ports, landing, settle(landing, outcome, byExecution(ports)))

/** `ran`: the step on which it failed. */
export const failWith = async (
  ports: Needs,
  landing: StrivingLanding,
  code: string,
  detail: string,
  ran: readonly VerifiedStep[] = [],
): Promise<boolean> => {
  const outcome = { result: 'failed', code, detail: detail + unsureOf(landing) } as const
  const steps = [...landing.steps, ...ran]
  return move(ports, landing, settle({ ...landing, steps }, outcome, byExecution(ports)))
}

/** A push whose answer never came may still arrive: then it is the recorded commit, or nothing. */
const unsureOf = (landing: StrivingLanding): string =>
  landing.pushBegun ? `; its push had begun, so look whether ${landing.branch} has its commit` : ''

/** Another lease for the one that is lost, unless too many were. */
export async function loseLease(
  ports: Needs,
  landing: LeasingLanding | LeasedLanding,
  why: string,
  outcome: HolderOutcome = 'ok',
): Promise<void> {
  if (landing.losses + 1 >= LANDING.losses) {
    await failWith(ports, landing, 'lease_lost', `${LANDING.losses} leases were lost; the last: ${why}`)
    return
  }
  const next = leaseAgain(landing, ports.chance.ulid(), why, byExecution(ports))
  if (await move(ports, landing, next)) await giveBack(ports, landing, outcome)
}

/** The lease, where there is one that lives. */
export async function giveBack(
  ports: Needs,
  { lease: id, tenant }: { readonly lease: string; readonly tenant: string },
  outcome: HolderOutcome,
): Promise<void> {
  if (!(await readLease(ports, id))) return
  await releaseLease(ports, holderOf(id, tenant), id, outcome)
}

export const holderOf = (lease: string, tenant: string) => ({
  principal: `lease/${lease}`,
  tenant,
  scopes: [],
  lease,
})

/** Gives back the lease, then the turn: to the next in the queue, in the transaction that ends this one. */
export async function endLanding(ports: Needs, landing: EndingLanding): Promise<EndedLanding | undefined> {
  await giveBack(ports, landing, 'ok')
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const by = byExecution(ports)
    const next = await headOf(ports, landing.repository, landing.branch)
    const { outcome, ended } = await endTurn(ports, landing, next, by)
    if (outcome.committed) {
      if (next) await tellWork(ports, 'landing', next.id)
      else await serveBranch(ports, landing.repository, landing.branch, by)
      return ended
    }
    const lost = outcome.lost.map(({ condition }) => condition)
    // Somebody else has ended it; if the next one left its queue meanwhile, the one behind it is the next.
    if (lost.includes('turn_held_by')) return undefined
    await pauseAfter(ports, attempt)
  }
  throw contended(`ending landing ${landing.id}`)
}
