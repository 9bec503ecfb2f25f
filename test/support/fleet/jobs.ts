import { setTimeout as delay } from 'node:timers/promises'
import type { Client } from '../../../lib/client/api.ts'
import { streamOutput } from '../../../lib/client/follow.ts'
import type { Lease, LeaseRequest } from '../../../lib/contract/lease.ts'

/**
 * Starts a program through a lease and waits until its output holds `word`, or until it has ended; answers its number
 * and all that it said so far.
 */
export async function startUntil(
  client: Client,
  { id, token }: { readonly id: string; readonly token: string },
  argv: readonly string[],
  word: string,
): Promise<{ readonly number: number; readonly said: string }> {
  const { number } = await client.runCommand({ id, body: { argv: [...argv] } }, { token })
  let said = ''
  for await (const { bytes } of streamOutput(client, id, number, { token })) {
    said += Buffer.from(bytes).toString('latin1')
    if (said.includes(word)) break
  }
  return { number, said }
}

/** Asks for a lease and looks every second until it is active: without long polls, of which a small machine has few. */
export async function leaseOf(client: Client, body: LeaseRequest): Promise<HeldByTest> {
  const { id, token } = await client.createLease({ body })
  for (;;) {
    const lease = await client.getLease({ id }, { token })
    if (lease.status === 'active') return { id, token, lease }
    if (lease.status !== 'pending' && lease.status !== 'acquired')
      throw new Error(`lease ${id} is ${lease.status}: ${lease.reason} ${lease.detail ?? ''}`)
    await delay(1_000)
  }
}

export interface HeldByTest {
  readonly id: string
  readonly token: string
  readonly lease: Lease
}
