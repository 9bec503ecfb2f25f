import type { Route } from '../contract/routes.ts'
import { ProblemError, UnreachableError } from './errors.ts'

const FIRST = 200
const LONGEST = 10_000
/** Whoever is told to come back later than this is better told so at once. */
const LONGEST_RETRY_AFTER = 60_000

/** Full jitter: many clients that failed together do not come back together. */
export function jitter(attempt: number, random: () => number, longest = LONGEST): number {
  return random() * Math.min(longest, FIRST * 2 ** attempt)
}

/**
 * Milliseconds to wait before the request is sent again, or undefined when it must not be.
 * A POST without a key is sent again only where the service said that it did nothing and when to come back.
 */
export function delayBeforeRetry(
  route: Route,
  error: unknown,
  attempt: number,
  random: () => number,
): number | undefined {
  const repeatable = route.method !== 'POST' || route.idempotencyKey !== undefined
  if (error instanceof UnreachableError) return repeatable ? jitter(attempt, random) : undefined
  if (!(error instanceof ProblemError) || ![429, 500, 502, 503, 504].includes(error.status)) return undefined
  const told = error.retryAfterMilliseconds
  if (told === undefined) return repeatable ? jitter(attempt, random) : undefined
  return told > LONGEST_RETRY_AFTER ? undefined : told + jitter(attempt, random, 1_000)
}
