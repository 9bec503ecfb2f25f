import type { Cause } from '../step.ts'
import { told } from '../step.ts'
import type { WorkStep } from '../work.ts'
import type {
  EndedLanding,
  EndingLanding,
  Landing,
  LandingTerms,
  LeasedLanding,
  LeasingLanding,
  MadeCommit,
  MergingLanding,
  Outcome,
  PushingLanding,
  QueuedLanding,
  StrivingLanding,
  TurnLanding,
  VerifiedStep,
  VerifyingLanding,
} from './landing.ts'
import { currentCommit } from './landing.ts'
import { LANDING } from './limits.ts'

/** A landing's way from its request to its end. */

export function queue(terms: LandingTerms, by: Cause): WorkStep<QueuedLanding> {
  const work: QueuedLanding = {
    ...terms,
    status: 'queued',
    version: 1,
    made: [],
    moves: 0,
    losses: 0,
    pushBegun: false,
    steps: [],
    timer: by.now + LANDING.first,
  }
  return { work, event: told(1, 'queued', by, { branch: terms.branch, place: terms.place }) }
}

/** Its turn: nobody else changes the branch through us until it has ended. */
export function takeTurn(landing: QueuedLanding, lease: string, by: Cause): WorkStep<LeasingLanding> {
  const steps = landing.verify.reduce((sum, step) => sum + step.timeoutSeconds * 1_000, 0)
  const work: LeasingLanding = {
    ...landing,
    status: 'leasing',
    lease,
    turnAt: by.now,
    deadline: by.now + LANDING.turn + steps,
    ...moved(landing, by),
    // Whoever gave it the turn may have died before it told anybody.
    timer: by.now + LANDING.first,
  }
  return { work, event: told(work.version, 'turn_taken', by, { lease }) }
}

/** Its lease is active: the commit is made, or made anew because the branch has moved or the host is another. */
export function merge(
  landing: LeasingLanding | PushingLanding,
  by: Cause,
  why?: 'moved' | 'missing',
): WorkStep<MergingLanding> {
  const work: MergingLanding = {
    ...landing,
    status: 'merging',
    ...moved(landing, by),
    moves: landing.moves + (why === 'moved' ? 1 : 0),
    // On another head nothing of it arrives any more.
    pushBegun: landing.pushBegun && why !== 'moved',
  }
  return { work, event: told(work.version, 'merging', by, why === undefined ? undefined : { why }) }
}

/** The commit is recorded before anybody else may see it. */
export function record(
  landing: MergingLanding,
  made: MadeCommit,
  by: Cause,
): WorkStep<VerifyingLanding | PushingLanding> {
  const { commit, tree, before } = made
  const commits = [...landing.made.filter((one) => one.commit !== commit), made]
  const next = { ...landing, ...moved(landing, by), made: commits }
  const work: VerifyingLanding | PushingLanding =
    landing.verify.length === 0 || landing.verified === commit
      ? { ...next, status: 'pushing', pushBegun: !landing.dryRun || landing.pushBegun }
      : { ...next, status: 'verifying', step: 0, steps: [] }
  return { work, event: told(work.version, 'made', by, { commit, tree, before }) }
}

export function startStep(landing: VerifyingLanding, command: number, by: Cause): WorkStep<VerifyingLanding> {
  const work: VerifyingLanding = { ...landing, command, ...moved(landing, by) }
  return { work, event: told(work.version, 'step_started', by, { name: nameOf(landing), command }) }
}

/** One step passed: the next one, or the push. */
export function passStep(
  landing: VerifyingLanding,
  step: VerifiedStep,
  by: Cause,
): WorkStep<VerifyingLanding | PushingLanding> {
  const { command: _, step: index, ...rest } = landing
  const next = { ...rest, ...moved(landing, by), steps: [...landing.steps, step] }
  const work: VerifyingLanding | PushingLanding =
    index + 1 < landing.verify.length
      ? { ...next, status: 'verifying', step: index + 1 }
      : {
          ...next,
          status: 'pushing',
          pushBegun: !landing.dryRun || landing.pushBegun,
          verified: currentCommit(landing).commit,
        }
  return { work, event: told(work.version, 'step_passed', by, { name: step.name }) }
}

/** Its lease is lost, or its host: another one, on which the same commit is made. */
export function leaseAgain(
  landing: LeasingLanding | LeasedLanding,
  lease: string,
  why: string,
  by: Cause,
): WorkStep<LeasingLanding> {
  const { step: _, command: _command, ...rest } = { step: 0, command: 0, ...landing }
  const work: LeasingLanding = {
    ...rest,
    status: 'leasing',
    lease,
    losses: landing.losses + 1,
    ...moved(landing, by),
  }
  return { work, event: told(work.version, 'lease_lost', by, { lost: landing.lease, lease, why }) }
}

/** What came of it is known, and it does nothing more about landing. */
export function settle(landing: StrivingLanding, outcome: Outcome, by: Cause): WorkStep<EndingLanding> {
  const { step: _, command: _command, ...rest } = { step: 0, command: 0, ...landing }
  const work: EndingLanding = { ...rest, status: 'ending', outcome, ...moved(landing, by) }
  return { work, event: told(work.version, 'settled', by, summaryOf(outcome)) }
}

/** The turn is given back in the same transaction. */
export function end(landing: TurnLanding & { status: 'ending' }, by: Cause): WorkStep<EndedLanding> {
  const { timer: _, since: _since, deadline: _deadline, ...rest } = landing
  const work: EndedLanding = {
    ...rest,
    status: 'ended',
    version: landing.version + 1,
    endedAt: by.now,
  }
  return { work, event: told(work.version, 'ended', by) }
}

/** It leaves the queue. */
export function leaveQueue(landing: QueuedLanding, outcome: Outcome, by: Cause): WorkStep<EndedLanding> {
  const { timer: _, ...rest } = landing
  const version = landing.version + 1
  const work: EndedLanding = { ...rest, status: 'ended', version, outcome, endedAt: by.now }
  return { work, event: told(version, 'ended', by, summaryOf(outcome)) }
}

const moved = (landing: Landing, by: Cause) => ({
  version: landing.version + 1,
  timer: by.now + LANDING.busy,
  since: by.now,
})

const nameOf = (landing: VerifyingLanding): string => landing.verify[landing.step]?.name ?? ''

/** For the timeline, where a line is enough. */
function summaryOf(outcome: Outcome): Readonly<Record<string, string>> {
  const { result } = outcome
  switch (outcome.result) {
    case 'landed':
    case 'dry_run':
      return { result, commit: outcome.receipt.commit }
    case 'already_landed':
      return { result, head: outcome.head }
    case 'conflict':
      return { result, at: outcome.conflict.at, files: String(outcome.conflict.files.length) }
    case 'failed':
      return { result, code: outcome.code }
    case 'cancelled':
      return { result, by: outcome.by }
  }
}
