import type { BlueprintState } from '../../contract/blueprint.ts'
import type { Build, BuildPage } from '../../contract/build.ts'
import type { ConfigPlan } from '../../contract/config.ts'
import type { Explanation } from '../../contract/explanation.ts'
import type { Host } from '../../contract/host.ts'
import type { Landing, LandingPage } from '../../contract/landing.ts'
import type { CreatedLease, Lease, LeaseEvents, LeasePage } from '../../contract/lease.ts'
import type { Pool, Pools } from '../../contract/pool.ts'
import type { ApiToken, CreatedToken } from '../../contract/token.ts'
import { describeBlueprint } from './show/blueprint.ts'
import { describeBuild, listBuilds } from './show/build.ts'
import { describeExplanation } from './show/explanation.ts'
import { describeHost } from './show/host.ts'
import { describeLanding, listLandings } from './show/landing.ts'
import { describeEvents, describeLease, listLeases } from './show/lease.ts'
import { describePool, listPools } from './show/pool.ts'
import { listTokens } from './show/token.ts'

interface Message<D> {
  /** `result` is data for stdout; the others are news for stderr. `progress` may be overwritten by the next. */
  readonly kind: 'result' | 'progress' | 'note' | 'failure'
  readonly text: (data: D) => string
}

const result = <D>(text: (data: D) => string): Message<D> => ({ kind: 'result', text })
const progress = <D>(text: (data: D) => string): Message<D> => ({ kind: 'progress', text })
const note = <D>(text: (data: D) => string): Message<D> => ({ kind: 'note', text })
const failure = <D>(text: (data: D) => string): Message<D> => ({ kind: 'failure', text })

/** Everything that the CLI says. Codes and data are promised, texts may change with any version. */
export const messages = {
  lease_created: note(
    (d: { leaseId: string; blueprint: string }) => `lease ${d.leaseId} of ${d.blueprint} asked for`,
  ),
  lease_waiting: progress(
    (d: { leaseId: string; position: number; pool: string; because: string; elapsed: string }) =>
      `waiting for ${d.elapsed}, number ${d.position} in ${d.pool}: ${d.because}`,
  ),
  lease_preparing: progress(
    (d: { leaseId: string; host: string; slot: number }) => `preparing slot ${d.slot} of ${d.host}`,
  ),
  lease_active: note(
    (d: { leaseId: string; host: string; commit: string | undefined }) =>
      `lease ${d.leaseId} is active on ${d.host}${d.commit === undefined ? '' : `, commit ${d.commit.slice(0, 12)}`}`,
  ),
  lease_renewed: progress(
    (d: { leaseId: string; expiresAt: string | undefined }) => `renewed until ${d.expiresAt}`,
  ),
  renewal_failed: note(
    (d: { leaseId: string; detail: string }) => `renewal failed, trying again: ${d.detail}`,
  ),
  lease_released: note((d: { leaseId: string }) => `lease ${d.leaseId} released`),
  lease_never_active: failure(
    (d: { leaseId: string; reason: string; detail: string | undefined }) =>
      `lease ${d.leaseId} never became active: ${d.reason}${d.detail === undefined ? '' : `: ${d.detail}`}`,
  ),
  lease_lost: failure((d: { leaseId: string; detail: string }) => `the lease was lost: ${d.detail}`),
  release_failed: failure(
    (d: { leaseId: string; detail: string }) =>
      `lease ${d.leaseId} was not released and ends by expiry: ${d.detail}`,
  ),
  interrupted: note((d: { signal: string }) => `${d.signal}: releasing; once more to leave at once`),
  command_output: result((d: { stream: 'stdout' | 'stderr'; base64: string }) => d.base64),
  output_omitted: result(
    (d: { stream: 'stdout' | 'stderr'; bytes: number }) => `${d.bytes} bytes of ${d.stream} were left out`,
  ),
  command_ended: note((d: { exitCode: number | undefined; cause: string | undefined }) =>
    d.exitCode === undefined
      ? `the command has no exit code: ${d.cause ?? 'unknown'}`
      : `the command ended with ${d.exitCode}: ${d.cause ?? 'unknown'}`,
  ),
  build_created: note(
    (d: { buildId: string; repository: string }) => `build ${d.buildId} of ${d.repository} asked for`,
  ),
  build_waiting: progress(
    (d: { buildId: string; position: number; pool: string; because: string; elapsed: string }) =>
      `waiting for ${d.elapsed}, number ${d.position} in ${d.pool}: ${d.because}`,
  ),
  build_step: note((d: { buildId: string; step: number; name: string }) => `step ${d.step}: ${d.name}`),
  build_ended: note(
    (d: { buildId: string; outcome: string; reason: string | undefined; detail: string | undefined }) =>
      [`build ${d.buildId} ended: ${d.outcome}`, d.reason, d.detail]
        .filter((part) => part !== undefined)
        .join(', '),
  ),
  build_aborted: note((d: { buildId: string }) => `build ${d.buildId} is aborted`),
  abort_failed: failure(
    (d: { buildId: string; detail: string }) => `build ${d.buildId} was not aborted and goes on: ${d.detail}`,
  ),
  build: result((d: Build) => describeBuild(d)),
  builds: result((d: BuildPage) => listBuilds(d)),
  landing_created: note(
    (d: { landingId: string; repository: string; branch: string }) =>
      `landing ${d.landingId} onto ${d.branch} of ${d.repository} asked for`,
  ),
  landing_progress: progress(
    (d: {
      landingId: string
      status: string
      position: number | undefined
      moves: number
      elapsed: string
    }) =>
      [
        `${d.status} for ${d.elapsed}`,
        d.position === undefined ? undefined : `number ${d.position} for its branch`,
        d.moves === 0 ? undefined : `the branch moved ${d.moves} times`,
      ]
        .filter((part) => part !== undefined)
        .join(', '),
  ),
  landing_cancelled: note(
    (d: { landingId: string; status: string }) => `landing ${d.landingId} is called back (${d.status})`,
  ),
  cancel_failed: failure(
    (d: { landingId: string; detail: string }) => `landing ${d.landingId} was not called back: ${d.detail}`,
  ),
  landing: result((d: Landing) => describeLanding(d)),
  landings: result((d: LandingPage) => listLandings(d)),
  news_failed: note((d: { detail: string }) => `where it waits is not known: ${d.detail}`),
  refused: failure(
    (d: { code: string; detail: string; requestId: string | undefined; hints: string | undefined }) =>
      [`${d.code}: ${d.detail}`, d.hints, d.requestId === undefined ? undefined : `(request ${d.requestId})`]
        .filter((part) => part !== undefined)
        .join(' '),
  ),
  unreachable: failure((d: { detail: string }) => d.detail),
  usage: failure((d: { detail: string }) => d.detail),
  settings: failure((d: { detail: string }) => d.detail),
  document_invalid: failure((d: { place: string; detail: string }) => `${d.place}: ${d.detail}`),
  internal: failure((d: { detail: string }) => `this should not have happened: ${d.detail}`),
  lease_token: note(
    (d: { leaseId: string }) => `keep the token: it renews, runs in and releases lease ${d.leaseId}`,
  ),
  lease: result((d: Lease | CreatedLease) => describeLease(d)),
  leases: result((d: LeasePage) => listLeases(d)),
  more: note((d: { cursor: string }) => `there are more: --cursor ${d.cursor}`),
  explanation: result((d: Explanation) => describeExplanation(d)),
  events: result((d: LeaseEvents) => describeEvents(d)),
  pools: result((d: Pools) => listPools(d)),
  pool: result((d: Pool) => describePool(d)),
  host: result((d: Host) => describeHost(d)),
  blueprint: result((d: BlueprintState) => describeBlueprint(d)),
  plan: result((d: ConfigPlan) => describePlan(d)),
  token_created: result((d: CreatedToken) => d.token),
  token_once: note(
    (d: { id: string; expiresAt: string }) => `token ${d.id}, shown this once, is good until ${d.expiresAt}`,
  ),
  tokens: result((d: { tokens: readonly ApiToken[] }) => listTokens(d.tokens)),
  token_revoked: note((d: { id: string }) => `token ${d.id} is revoked`),
} as const

export type Code = keyof typeof messages
export type Data<C extends Code> = Parameters<(typeof messages)[C]['text']>[0]

function describePlan({ applied, changes }: ConfigPlan): string {
  const sign = { create: '+', update: '~', remove: '-' }
  const lines = changes.map(({ kind, name, change }) => `${sign[change]} ${kind} ${name}`)
  if (lines.length === 0) return 'Nothing to change.'
  return [...lines, applied ? `Applied: ${lines.length}.` : 'Not applied: only the plan was asked for.'].join(
    '\n',
  )
}
