import type { Problem } from '../contract/problem.ts'
import { REFUSALS } from '../domain/refusals.ts'
import type { Refusal, RefusalCode } from '../domain/refusals.ts'
import type { Answer } from './answer.ts'
import { answer } from './answer.ts'

/** The one place that says which status a refusal has. */
export const STATUS: Readonly<Record<RefusalCode, number>> = {
  malformed: 400,
  bad_cursor: 400,
  unauthenticated: 401,
  not_authorized: 403,
  not_landable: 403,
  branch_not_allowed: 403,
  not_found: 404,
  lease_lost: 409,
  not_active: 409,
  past_maximum: 409,
  conflict: 409,
  not_removed: 409,
  in_use: 409,
  copy_leased: 409,
  push_begun: 409,
  already_ended: 409,
  too_large: 413,
  message_too_large: 413,
  beyond_end: 416,
  key_reused: 422,
  unknown_blueprint: 422,
  unknown_type: 422,
  unknown_pool: 422,
  unknown_priority: 422,
  too_many_pools: 422,
  bad_environment: 422,
  bad_argument: 422,
  bad_directory: 422,
  too_many_variables: 422,
  too_short: 422,
  too_long: 422,
  unknown_repository: 422,
  bad_collection: 422,
  bad_ref: 422,
  impossible: 422,
  no_script: 422,
  too_many_steps: 422,
  bad_webhook: 422,
  key_required: 428,
  quota_exceeded: 429,
  unavailable: 503,
}

const problemType = (code: string): string => `urn:drydock:problem:${code}`

export function refusalAnswer(refusal: Refusal, requestId: string): Answer {
  const { refused: code, detail, leaseId, hints, retryAfterSeconds } = refusal
  const status = STATUS[code]
  return problemAnswer(
    {
      type: problemType(code),
      title: REFUSALS[code],
      status,
      code,
      detail,
      requestId,
      ...(leaseId === undefined ? {} : { leaseId }),
      ...(hints === undefined ? {} : { hints: copied(hints) }),
    },
    {
      ...(retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) }),
      ...(status === 401 ? { 'www-authenticate': 'Bearer' } : {}),
    },
  )
}

/** Our own fault: whoever asks learns nothing but where to find it in the log. */
export const faultAnswer = (requestId: string): Answer =>
  problemAnswer({
    type: problemType('internal'),
    title: 'The service failed.',
    status: 500,
    code: 'internal',
    detail: 'This is a fault of the service; operators find it in its log under the request id.',
    requestId,
  })

const problemAnswer = (problem: Problem, headers: Readonly<Record<string, string>> = {}): Answer =>
  answer(problem.status, problem, { ...headers, 'content-type': 'application/problem+json' })

const copied = (hints: NonNullable<Refusal['hints']>): NonNullable<Problem['hints']> =>
  Object.fromEntries(
    Object.entries(hints).map(([name, hint]) => [name, typeof hint === 'object' ? [...hint] : hint]),
  )
