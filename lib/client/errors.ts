import type { Lease } from '../contract/lease.ts'
import type { Problem } from '../contract/problem.ts'

/** The service refused: `code` is stable, `detail` is for people. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError'
  readonly code: string
  readonly status: number
  readonly detail: string
  readonly leaseId: string | undefined
  readonly requestId: string | undefined
  readonly hints: Problem['hints']
  readonly retryAfterMilliseconds: number | undefined

  constructor(problem: Omit<Problem, 'type' | 'title'>, retryAfterMilliseconds?: number) {
    super(`${problem.code}: ${problem.detail}`)
    this.code = problem.code
    this.status = problem.status
    this.detail = problem.detail
    this.leaseId = problem.leaseId
    this.requestId = problem.requestId
    this.hints = problem.hints
    this.retryAfterMilliseconds = retryAfterMilliseconds
  }
}

/** No answer came: refused, reset, timed out, unknown name. */
export class UnreachableError extends Error {
  override readonly name = 'UnreachableError'
  readonly url: string

  constructor(url: string, cause: unknown) {
    super(`no answer from ${url}: ${rootOf(cause)}`, { cause })
    this.url = url
  }
}

/** An answer came that is not of the contract's form: another service, or another version. */
export class UnexpectedAnswerError extends Error {
  override readonly name = 'UnexpectedAnswerError'
}

/** The lease ended before it became active; `lease.reason` says why. */
export class LeaseEndedError extends Error {
  override readonly name = 'LeaseEndedError'
  readonly lease: Lease

  constructor(lease: Lease) {
    super(`lease ${lease.id} ended before it became active: ${lease.reason ?? lease.status}`)
    this.lease = lease
  }
}

/** The holder must stop: somebody else may have the slot now. */
export class LeaseLostError extends Error {
  override readonly name = 'LeaseLostError'
  readonly leaseId: string
  /** `ended`: the service said so; `not_renewed`: no renewal got through before it expired. */
  readonly why: 'ended' | 'not_renewed'

  constructor(leaseId: string, why: 'ended' | 'not_renewed', cause: unknown) {
    super(
      why === 'ended'
        ? `lease ${leaseId} has ended`
        : `lease ${leaseId} could not be renewed before it expired`,
      { cause },
    )
    this.leaseId = leaseId
    this.why = why
  }
}

/** The work is done, its `result` is good, but the lease could not be given back: it ends by expiry. */
export class ReleaseFailedError extends Error {
  override readonly name = 'ReleaseFailedError'
  readonly leaseId: string
  readonly result: unknown

  constructor(leaseId: string, result: unknown, cause: unknown) {
    super(`lease ${leaseId} was not released and ends by expiry`, { cause })
    this.leaseId = leaseId
    this.result = result
  }
}

function rootOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error instanceof AggregateError && error.errors.length > 0) return rootOf(error.errors[0])
  return error.cause === undefined ? error.message || error.name : rootOf(error.cause)
}
