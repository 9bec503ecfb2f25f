import type { z } from 'zod'
import { problem } from '../contract/problem.ts'
import type { Route } from '../contract/routes.ts'
import { ProblemError, UnexpectedAnswerError } from './errors.ts'

export interface Reply {
  readonly value: unknown
  /** Also on success: a long poll far from the head of the queue says when to come again. */
  readonly retryAfterMilliseconds: number | undefined
}

/** What gateways answer by themselves has no code; the status stands for it. */
const CODE_OF_STATUS: Readonly<Record<number, string>> = {
  401: 'unauthenticated',
  403: 'not_authorized',
  404: 'not_found',
  413: 'too_large',
  502: 'unavailable',
  503: 'unavailable',
  504: 'unavailable',
}

/**
 * Reads an answer as the route promises it.
 * @throws ProblemError for a refusal, UnexpectedAnswerError for what is not of the contract
 */
export function readReply(route: Route, response: Response, text: string, now: number): Reply {
  const retryAfterMilliseconds = retryAfter(response.headers.get('retry-after'), now)
  if (response.status >= 400) throw refusal(response.status, text, retryAfterMilliseconds)
  if (response.status !== route.success.status) {
    throw new UnexpectedAnswerError(`${route.method} ${route.path} answered status ${response.status}`)
  }
  return { value: conforming(route, parseJson(text)), retryAfterMilliseconds }
}

function refusal(status: number, text: string, retryAfterMilliseconds: number | undefined): ProblemError {
  const read = problem.safeParse(parseJson(text))
  if (read.success) return new ProblemError(read.data, retryAfterMilliseconds)
  const code = CODE_OF_STATUS[status] ?? `http_${status}`
  return new ProblemError({ code, status, detail: `The service answered ${status}.` }, retryAfterMilliseconds)
}

/** A newer service may send fields that this client does not know; everything else must fit. */
function conforming(route: Route, value: unknown): unknown {
  const read = route.success.body.safeParse(value)
  if (read.success) return read.data
  const misfits = read.error.issues.filter((issue) => issue.code !== 'unrecognized_keys')
  if (misfits.length === 0) return value
  throw new UnexpectedAnswerError(
    `${route.method} ${route.path} answered something else than the contract says: ${describe(misfits)}`,
  )
}

function describe(issues: readonly z.core.$ZodIssue[]): string {
  return issues.map((issue) => `${issue.path.join('.') || 'body'}: ${issue.message}`).join('; ')
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Seconds or an HTTP date, as RFC 9110 has it. */
function retryAfter(header: string | null, now: number): number | undefined {
  if (header === null) return undefined
  if (/^\d+$/.test(header)) return Number(header) * 1_000
  const at = Date.parse(header)
  return Number.isNaN(at) ? undefined : Math.max(0, at - now)
}
