import type { Caller } from '../../domain/access.ts'
import { admission } from '../../domain/catalogue.ts'
import type { Person, Strategy, VerifyStep } from '../../domain/landing/landing.ts'
import { LANDING } from '../../domain/landing/limits.ts'
import { fitsBranch, isBranch, isRef } from '../../domain/landing/refs.ts'
import type { Result } from '../../domain/refusals.ts'
import { ok, refuse } from '../../domain/refusals.ts'
import { judgeDemand } from '../leases/judge-demand.ts'
import { unknownName } from '../leases/unknown-name.ts'
import type { Ports } from '../ports/ports.ts'
import { repositoryOf } from '../store/catalogue-item.ts'
import { repositoryKey } from '../store/keys.ts'

export interface AskedVerifyStep extends Omit<VerifyStep, 'timeoutSeconds'> {
  readonly timeoutSeconds?: number
}

export interface JudgedLanding {
  readonly blueprint: string
  readonly verify: readonly VerifyStep[]
}

/** What a caller asks for; durations in milliseconds. */
export interface LandingDemand {
  readonly repository: string
  readonly branch: string
  readonly source: string
  readonly strategy: Strategy
  readonly message?: string
  readonly author?: Person
  readonly committer: Person
  readonly expectedHead?: string
  /** One without a timeout has an hour, or as long as its lease lasts at most. */
  readonly verify: readonly AskedVerifyStep[]
  readonly dryRun: boolean
  /** Of working copies; default: one that suits. */
  readonly blueprint?: string
  readonly priority: number
  readonly wait?: number
  readonly note?: string
}

const DEFAULT_TIMEOUT = 3_600
const COMMIT = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/i

/** The blueprint that will serve it, and its steps, or why it cannot be: nothing of a landing that is refused is ever written. */
export async function judgeLanding(
  ports: Pick<Ports, 'table'>,
  caller: Caller,
  demand: LandingDemand,
): Promise<Result<JudgedLanding>> {
  const said = judgeWords(demand)
  if (!said.ok) return said
  const item = await ports.table.get(repositoryKey(demand.repository))
  if (!item) return unknownName(ports, 'unknown_repository', 'repository', demand.repository)
  const { landing } = repositoryOf(item)
  if (!landing) return refuse('not_landable', `Repository ${demand.repository} is not open for landings.`)
  if (admission(landing, caller) !== 'trusted') {
    return refuse('not_authorized', `Tenant ${caller.tenant} may not land in ${demand.repository}.`)
  }
  if (!landing.branches.some((pattern) => fitsBranch(pattern, demand.branch))) {
    return refuse('branch_not_allowed', `Nobody lands on ${demand.branch} of ${demand.repository}.`, {
      hints: { branches: landing.branches },
    })
  }
  const judged = await judgeDemand(ports, caller, {
    ...(demand.blueprint === undefined ? {} : { blueprint: demand.blueprint }),
    type: 'working-copy',
    repository: demand.repository,
    priority: demand.priority,
    durations: {},
  })
  if (!judged.ok) return judged
  const { blueprint, maxHold } = judged.value.terms
  const verify = judgeTimes(demand.verify, maxHold)
  return verify.ok ? ok({ blueprint, verify: verify.value }) : verify
}

/** No step may take longer than its lease lasts, nor all of them longer than a branch waits for them. */
function judgeTimes(asked: LandingDemand['verify'], maxHold: number): Result<readonly VerifyStep[]> {
  const most = Math.floor(maxHold / 1_000)
  const verify = asked.map(({ name, script, timeoutSeconds = Math.min(DEFAULT_TIMEOUT, most) }) => ({
    name,
    script,
    timeoutSeconds,
  }))
  const over = verify.findIndex(({ timeoutSeconds }) => timeoutSeconds > most)
  if (over >= 0) {
    const field = `verify.${over}.timeoutSeconds`
    return refuse('too_long', `${field} is above what the lease may last.`, { hints: { field, most } })
  }
  if (verify.reduce((sum, { timeoutSeconds }) => sum + timeoutSeconds * 1_000, 0) > LANDING.verify) {
    return refuse('too_long', 'The steps together may take four hours.', {
      hints: { seconds: LANDING.verify / 1_000 },
    })
  }
  return ok(verify)
}

function judgeWords(demand: LandingDemand): Result<undefined> {
  const { branch, source, expectedHead, message, verify } = demand
  if (!isBranch(branch)) return refuse('bad_ref', 'The branch is no name that a branch can have.')
  if (!COMMIT.test(source) && !isRef(source)) {
    return refuse('bad_ref', 'The source is no commit id, branch, tag or ref.')
  }
  if (expectedHead !== undefined && !COMMIT.test(expectedHead)) {
    return refuse('bad_ref', 'The expected head is no whole commit id.')
  }
  if (message !== undefined && bytesOf(message) > LANDING.message) {
    return refuse('message_too_large', `A message has at most ${LANDING.message} bytes.`)
  }
  if (verify.reduce((sum, { script }) => sum + bytesOf(script), 0) > LANDING.scripts) {
    return refuse('too_large', `All scripts together have at most ${LANDING.scripts} bytes.`)
  }
  const empty = verify.findIndex(({ script }) => script.trim() === '')
  if (empty >= 0) {
    const field = `verify.${empty}.script`
    return refuse('no_script', `verify.${empty} has no script.`, { hints: { field } })
  }
  return demand.wait !== undefined && (demand.wait < 1_000 || demand.wait > LANDING.wait)
    ? refuse(demand.wait < 1_000 ? 'too_short' : 'too_long', 'waitSeconds is between 1 and 86400.')
    : ok(undefined)
}

const utf8 = new TextEncoder()
const bytesOf = (text: string): number => utf8.encode(text).length
