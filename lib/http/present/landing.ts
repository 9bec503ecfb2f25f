import type { LandingView } from '../../app/landings/view-landing.ts'
import type { Landing } from '../../contract/landing.ts'
import type { Landing as StoredLanding, Outcome } from '../../domain/landing/landing.ts'
import { given } from './given.ts'
import { iso } from './instant.ts'

/** Scripts are left out: whoever gave them has them, and they may be long. */
export const presentLanding = (
  { landing, position }: LandingView,
  execution: Landing['execution'],
): Landing => ({
  id: landing.id,
  status: landing.status,
  version: landing.version,
  tenant: landing.tenant,
  owner: landing.owner,
  repository: landing.repository,
  branch: landing.branch,
  source: landing.source,
  strategy: landing.strategy,
  committer: landing.committer,
  dryRun: landing.dryRun,
  blueprint: landing.blueprint,
  createdAt: iso(landing.createdAt),
  waitDeadline: iso(landing.waitDeadline),
  moves: landing.moves,
  losses: landing.losses,
  made: landing.made.map((one) => ({ ...one })),
  verify: landing.verify.map(({ name, timeoutSeconds }) => ({ name, timeoutSeconds })),
  steps: landing.steps.map(({ lease, ...step }) => ({ ...step, leaseId: lease })),
  execution,
  ...given({
    message: landing.message,
    author: landing.author,
    expectedHead: landing.expectedHead,
    note: landing.note,
    position,
  }),
  ...turnOf(landing),
})

function turnOf(landing: StoredLanding): Partial<Landing> {
  if (landing.status === 'queued') return {}
  return {
    ...given({
      turnAt: landing.turnAt === undefined ? undefined : iso(landing.turnAt),
      leaseId: landing.lease,
      endedAt: landing.status === 'ended' ? iso(landing.endedAt) : undefined,
    }),
    ...('outcome' in landing ? outcomeOf(landing.outcome) : {}),
  }
}

function outcomeOf(outcome: Outcome): Partial<Landing> {
  const { result } = outcome
  switch (outcome.result) {
    case 'landed':
    case 'dry_run':
      return { result, receipt: { ...outcome.receipt } }
    case 'already_landed':
      return { result, alreadyIn: outcome.head }
    case 'conflict': {
      const { files, ...conflict } = outcome.conflict
      return { result, conflict: { ...conflict, head: outcome.head, files: [...files] } }
    }
    case 'failed':
      return { result, failure: { code: outcome.code, detail: outcome.detail } }
    case 'cancelled':
      return { result, cancelledBy: outcome.by }
  }
}
