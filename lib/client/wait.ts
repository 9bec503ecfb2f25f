import type { Lease } from '../contract/lease.ts'
import type { Client } from './api.ts'
import { LeaseEndedError } from './errors.ts'
import { jitter } from './retry.ts'

export interface WaitOptions {
  readonly token?: string | undefined
  readonly signal?: AbortSignal | undefined
  /** Told of every answer that is not active yet. */
  readonly onWaiting?: ((lease: Lease) => void) | undefined
}

export interface Activated {
  readonly lease: Lease
  /** Epoch milliseconds of this machine's clock: it was certainly not active before. */
  readonly notBefore: number
}

/** A wait is long: it outlives a restart of the service. */
const RETRIES = 30
const LONG_POLL_SECONDS = 20
/** A long poll that came back sooner with nothing new was not one: do not ask in a hot loop. */
const SOON = 1_000

/**
 * Waits by long polls until the lease is active.
 * @throws LeaseEndedError when it ended instead
 */
export async function waitForActive(
  client: Client,
  leaseId: string,
  options: WaitOptions = {},
): Promise<Activated> {
  const { now, sleep, random } = client.clock
  let notBefore = now()
  let version: number | undefined
  for (;;) {
    const asked = now()
    const { value: lease, retryAfterMilliseconds } = await client.call(
      'getLease',
      { id: leaseId, wait: LONG_POLL_SECONDS },
      { token: options.token, signal: options.signal, retries: RETRIES },
    )
    if (lease.status === 'active') return { lease, notBefore }
    if (lease.status !== 'pending' && lease.status !== 'acquired') throw new LeaseEndedError(lease)
    options.onWaiting?.(lease)
    notBefore = asked
    const idle = lease.version === version && now() - asked < SOON
    version = lease.version
    const pause = retryAfterMilliseconds ?? (idle ? jitter(2, random) : 0)
    if (pause > 0) await sleep(pause, options.signal)
  }
}
