import type { Caller } from '../../domain/access.ts'
import type { LeaseWish, StepTerms } from '../../domain/build.ts'
import { isRef } from '../../domain/landing/refs.ts'
import type { Result } from '../../domain/refusals.ts'
import { ok, refuse } from '../../domain/refusals.ts'
import { judgeDemand } from '../leases/judge-demand.ts'
import type { LeaseDemand } from '../leases/judge-demand.ts'
import type { Quota } from '../leases/permits.ts'
import type { Ports } from '../ports/ports.ts'
import type { StepDemand } from './build.ts'

/** What a caller asks for. A step without a timeout has an hour, or as long as the lease lasts at most. */
export interface BuildDemand {
  readonly lease: LeaseWish
  readonly environment: Readonly<Record<string, string>>
  readonly steps: readonly AskedStep[]
  readonly webhook?: string
  readonly note?: string
  readonly retries: number
}

export interface AskedStep extends Omit<StepTerms, 'timeoutSeconds'> {
  readonly script?: string
  readonly environment: Readonly<Record<string, string>>
  readonly timeoutSeconds?: number
}

export interface JudgedBuild {
  readonly lease: LeaseWish & { readonly blueprint: string }
  readonly untrusted: boolean
  readonly steps: readonly StepDemand[]
  readonly quota: Quota
}

const MOST_STEPS = 50
/** Bytes: a script travels as one argument of a program, and Linux takes 128 KiB there. */
const MOST_SCRIPT = 100_000
/** Bytes of names and values, of a step and of what all steps share. */
const MOST_ENVIRONMENT = 32_000
const DEFAULT_TIMEOUT = 3_600

/** The build if it may be, or why not: nothing of it exists before this. */
export async function judgeBuild(
  ports: Pick<Ports, 'table'>,
  caller: Caller,
  { lease, environment, steps, webhook }: BuildDemand,
): Promise<Result<JudgedBuild>> {
  if (steps.length === 0 || steps.length > MOST_STEPS) {
    return refuse('too_many_steps', `${steps.length} steps were asked for.`, { hints: { most: MOST_STEPS } })
  }
  if (lease.commit !== undefined && !isRef(lease.commit)) {
    return refuse('bad_ref', 'The commit is not one that git would take.', { hints: { field: 'commit' } })
  }
  if (webhook !== undefined && !isPublicAddress(webhook)) {
    return refuse('bad_webhook', 'A webhook is an https URL of a public host, without credentials.')
  }
  if (size(environment) > MOST_ENVIRONMENT) return tooLarge('environment', MOST_ENVIRONMENT)
  const demand = demandOf(lease)
  const granted = await judgeDemand(ports, caller, demand)
  if (!granted.ok) return granted
  const { terms, quota } = granted.value
  if (terms.type !== 'working-copy') {
    return refuse('impossible', `Blueprint ${terms.blueprint} leases hosts; a build needs working copies.`)
  }
  const most = Math.floor(terms.maxHold / 1_000)
  const judged: StepDemand[] = []
  for (const [index, step] of steps.entries()) {
    const one = judgeStep(step, `steps.${index}`, most)
    if (!one.ok) return one
    judged.push(one.value)
  }
  // Chosen once: no later generation may be given a blueprint that was never judged for this caller.
  const wish = { ...lease, blueprint: terms.blueprint }
  return ok({ lease: wish, untrusted: terms.untrusted === true, steps: judged, quota })
}

function judgeStep(step: AskedStep, field: string, most: number): Result<StepDemand> {
  const { script, timeoutSeconds = Math.min(DEFAULT_TIMEOUT, most), ...rest } = step
  if (script === undefined || script.trim() === '') {
    return refuse('no_script', `${field} has no script.`, { hints: { field: `${field}.script` } })
  }
  if (utf8.encode(script).length > MOST_SCRIPT) return tooLarge(`${field}.script`, MOST_SCRIPT)
  if (size(step.environment) > MOST_ENVIRONMENT) return tooLarge(`${field}.environment`, MOST_ENVIRONMENT)
  const hints = { field: `${field}.timeoutSeconds` }
  if (timeoutSeconds < 1) return refuse('too_short', `${hints.field} is below 1 s.`, { hints })
  if (timeoutSeconds > most) {
    return refuse('too_long', `${hints.field} is above what the lease may last.`, {
      hints: { ...hints, most },
    })
  }
  return ok({ ...rest, script, timeoutSeconds })
}

/** Without a blueprint one for working copies is chosen. */
export function demandOf(lease: LeaseWish): LeaseDemand {
  const { ttl, wait, maxHold, type, ...rest } = lease
  const durations = Object.entries({ ttl, wait, maxHold }).filter(([, value]) => value !== undefined)
  const wanted = type ?? (lease.blueprint === undefined ? 'working-copy' : undefined)
  return {
    ...rest,
    ...(wanted === undefined ? {} : { type: wanted }),
    durations: Object.fromEntries(durations) as LeaseDemand['durations'],
  }
}

/** The sender looks at the addresses behind the name; what can be seen without is refused here. */
function isPublicAddress(text: string): boolean {
  const url = /^https:\/\/([A-Za-z0-9.-]+\.[A-Za-z]{2,63})(?::(\d{1,5}))?(?:[/?][\u0021-\u007e]*)?$/.exec(
    text,
  )
  const port = Number(url?.[2] ?? 443)
  if (url === null || port < 1 || port > 65_535 || !URL.canParse(text)) return false
  return !/(?:^|\.)(?:localhost|local|internal|test|invalid)$/i.test(url[1] ?? '')
}

const tooLarge = (field: string, most: number) =>
  refuse('too_large', `${field} is over ${most} bytes.`, { hints: { field, most } })

const utf8 = new TextEncoder()

const size = (environment: Readonly<Record<string, string>>): number =>
  Object.entries(environment)
    .flat()
    .reduce((sum, text) => sum + utf8.encode(text).length, 0)
