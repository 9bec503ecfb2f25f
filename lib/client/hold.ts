import process from 'node:process'
import type { CreatedLease, Lease, LeaseRequest } from '../contract/lease.ts'
import type { Client } from './api.ts'
import { ProblemError, ReleaseFailedError } from './errors.ts'
import { heldLease } from './held-lease.ts'
import type { HeldLease, Outcome } from './held-lease.ts'
import { renewUntilLost } from './renewal.ts'
import type { RenewalObserver } from './renewal.ts'
import { waitForActive } from './wait.ts'

export interface HoldOptions extends RenewalObserver {
  /** Ends the scope: the wait or the work is aborted with its reason, and the lease released. */
  readonly signal?: AbortSignal | undefined
  readonly onCreated?: ((lease: Lease) => void) | undefined
  readonly onWaiting?: ((lease: Lease) => void) | undefined
  readonly onActive?: ((lease: Lease) => void) | undefined
  readonly onReleased?: ((lease: Lease) => void) | undefined
  /**
   * Told when the scope already throws something else; otherwise the scope throws ReleaseFailedError.
   * Default: a process warning.
   */
  readonly onReleaseFailed?: ((error: unknown) => void) | undefined
}

export type Work<T> = (lease: HeldLease, signal: AbortSignal) => Promise<T>

/**
 * Holding is a scope: asks for the lease, waits until it is active, renews it while `work` runs, and gives it back
 * whatever happens (outcome `failed` when `work` throws).
 *
 * The signal aborts with a LeaseLostError when the lease is lost, and the scope then throws it even if `work` returned.
 * @throws LeaseEndedError when it never became active, LeaseLostError, ReleaseFailedError, what the calls throw, what
 * `work` throws, or the reason of `options.signal`
 */
export async function hold<T>(
  client: Client,
  request: LeaseRequest,
  work: Work<T>,
  options: HoldOptions = {},
): Promise<T> {
  options.signal?.throwIfAborted()
  const created = await client.createLease({ body: request }, { lastAttempt: options.signal })
  options.onCreated?.(created)
  let outcome: Outcome = 'ok'
  let result: T
  try {
    result = await use(client, created, work, options, (reported) => (outcome = reported))
  } catch (error) {
    await giveBack(client, created, 'failed', options).catch(options.onReleaseFailed ?? warn)
    throw error
  }
  try {
    await giveBack(client, created, outcome, options)
  } catch (error) {
    throw new ReleaseFailedError(created.id, result, error)
  }
  return result
}

async function use<T>(
  client: Client,
  { id, token }: CreatedLease,
  work: Work<T>,
  options: HoldOptions,
  report: (outcome: Outcome) => void,
): Promise<T> {
  const activated = await waitForActive(client, id, {
    token,
    signal: options.signal,
    onWaiting: options.onWaiting,
  })
  options.onActive?.(activated.lease)
  const lost = new AbortController()
  const done = new AbortController()
  const signal = options.signal === undefined ? lost.signal : AbortSignal.any([options.signal, lost.signal])
  const renewing = renewUntilLost(client, activated, token, done.signal, options).then(
    (error) => lost.abort(error),
    (error: unknown) => {
      if (!done.signal.aborted) lost.abort(error)
    },
  )
  try {
    const result = await work(heldLease(client, activated.lease, token, signal, report), signal)
    lost.signal.throwIfAborted()
    return result
  } catch (error) {
    // What the work made of the abort matters less than why it was aborted.
    signal.throwIfAborted()
    throw error
  } finally {
    done.abort(new Error('the scope has ended'))
    await renewing
  }
}

async function giveBack(client: Client, { id, token }: CreatedLease, outcome: Outcome, options: HoldOptions) {
  try {
    options.onReleased?.(await client.releaseLease({ id, body: { outcome } }, { token }))
  } catch (error) {
    // Gone already is as good as given back.
    if (!(error instanceof ProblemError && error.code === 'lease_lost')) throw error
  }
}

function warn(error: unknown): void {
  process.emitWarning(`a lease was not released and ends by expiry: ${String(error)}`, 'Drydock')
}
