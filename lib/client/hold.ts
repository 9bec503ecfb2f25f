import process from 'node:process'
import type { Lease, LeaseRequest } from '../contract/lease.ts'
import type { Client } from './api.ts'
import { ProblemError, ReleaseFailedError } from './errors.ts'
import { heldLease } from './held-lease.ts'
import type { HeldLease, Outcome } from './held-lease.ts'
import { renewUntilLost } from './renewal.ts'
import type { RenewalObserver } from './renewal.ts'
import { waitForActive } from './wait.ts'
import type { Activated } from './wait.ts'

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

interface Created {
  readonly lease: Lease
  readonly token: string
  /** When it was asked for, by this machine's clock. */
  readonly asked: number
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
  const asked = client.clock.now()
  // The lease token goes no further than the calls that need it: leases are printed and logged.
  const { token, ...lease } = await client.createLease({ body: request }, { lastAttempt: options.signal })
  options.onCreated?.(lease)
  const created: Created = { lease, token, asked }
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
    throw new ReleaseFailedError(lease.id, result, error)
  }
  return result
}

async function use<T>(
  client: Client,
  created: Created,
  work: Work<T>,
  options: HoldOptions,
  report: (outcome: Outcome) => void,
): Promise<T> {
  const { token } = created
  const activated = await activation(client, created, options)
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

async function activation(
  client: Client,
  { lease, token, asked }: Created,
  options: HoldOptions,
): Promise<Activated> {
  options.signal?.throwIfAborted()
  if (lease.status === 'active') return { lease, notBefore: asked }
  const { signal, onWaiting } = options
  // The first poll may take its twenty seconds: why it waits is known already.
  if (lease.status === 'pending') onWaiting?.(lease)
  return waitForActive(client, lease.id, { token, signal, onWaiting })
}

async function giveBack(
  client: Client,
  { lease: { id }, token }: Created,
  outcome: Outcome,
  options: HoldOptions,
) {
  try {
    const released = await client.releaseLease({ id, body: { outcome } }, { token })
    options.onReleased?.(released)
  } catch (error) {
    // Gone already is as good as given back.
    if (!(error instanceof ProblemError && error.code === 'lease_lost')) throw error
  }
}

function warn(error: unknown): void {
  process.emitWarning(`a lease was not released and ends by expiry: ${String(error)}`, 'Drydock')
}
