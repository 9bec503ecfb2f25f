import type { Lease } from '../contract/lease.ts'
import type { Client } from './api.ts'
import { LeaseLostError, ProblemError } from './errors.ts'
import { jitter } from './retry.ts'
import type { Activated } from './wait.ts'

export interface RenewalObserver {
  readonly onRenewed?: ((lease: Lease) => void) | undefined
  readonly onRenewalFailed?: ((error: unknown) => void) | undefined
}

/**
 * Renews every third of the ttl until the lease is lost; resolves then, and rejects with the reason of `stop`.
 * Deadlines count from the moment a renewal was sent, by this machine's clock: clocks that differ do no harm.
 */
export async function renewUntilLost(
  client: Client,
  { lease, notBefore }: Activated,
  token: string,
  stop: AbortSignal,
  observer: RenewalObserver = {},
): Promise<LeaseLostError> {
  const { now, sleep, random } = client.clock
  const third = (lease.ttlSeconds * 1_000) / 3
  let deadline = notBefore + lease.ttlSeconds * 1_000
  let due = notBefore + third
  for (let failures = 0; ;) {
    await sleep(Math.max(0, due - now()), stop)
    const sent = now()
    try {
      // One attempt within its share of the time left: this loop is the retry, and it knows the deadline.
      const timeoutMilliseconds = Math.max(1_000, Math.min(10_000, third / 2, deadline - sent))
      const options = { token, signal: stop, retries: 0, timeoutMilliseconds }
      const renewed = await client.renewLease({ id: lease.id, body: {} }, options)
      deadline = sent + renewed.ttlSeconds * 1_000
      due = sent + third
      failures = 0
      observer.onRenewed?.(renewed)
    } catch (error) {
      stop.throwIfAborted()
      if (isGone(error)) return new LeaseLostError(lease.id, 'ended', error)
      if (now() >= deadline) return new LeaseLostError(lease.id, 'not_renewed', error)
      observer.onRenewalFailed?.(error)
      failures += 1
      due = Math.min(deadline, now() + pauseAfter(error, failures, third, random))
    }
  }
}

/** At its hard maximum a lease is refused more time but lives on: the next regular turn will tell. */
function pauseAfter(error: unknown, failures: number, third: number, random: () => number): number {
  if (error instanceof ProblemError && error.code === 'past_maximum') return third
  const told = error instanceof ProblemError ? (error.retryAfterMilliseconds ?? 0) : 0
  return told + 100 + jitter(failures, random, third / 2)
}

function isGone(error: unknown): boolean {
  return error instanceof ProblemError && (error.code === 'lease_lost' || error.code === 'not_found')
}
