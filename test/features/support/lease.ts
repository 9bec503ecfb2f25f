import { waitForActive } from '../../../lib/client/wait.ts'
import type { Client } from '../../../lib/client/api.ts'
import { streamOutput } from '../../../lib/client/follow.ts'
import type { CommandRequest } from '../../../lib/contract/command.ts'
import type { Lease, LeaseRequest } from '../../../lib/contract/lease.ts'
import { eventually } from './observe.ts'
import { POOL } from './installation.ts'

export interface Held {
  readonly lease: Lease
  readonly id: string
  readonly token: string
}

/** A lease that is active; of a host slot where nothing else is asked for. */
export async function activeLease(client: Client, request: Partial<LeaseRequest> = {}): Promise<Held> {
  const { id, token } = await client.createLease({ body: { blueprint: POOL, ...request } })
  const { lease } = await waitForActive(client, id, { token })
  return { lease, id, token }
}

export interface Outcome {
  readonly exitCode: number | undefined
  readonly cause: string | undefined
  readonly stdout: string
  readonly stderr: string
}

/** Runs a command of an active lease to its end. */
export async function run(
  client: Client,
  { id, token }: Pick<Held, 'id' | 'token'>,
  argv: readonly string[],
  more: Omit<CommandRequest, 'argv'> = {},
): Promise<Outcome> {
  const { number } = await client.runCommand({ id, body: { argv: [...argv], ...more } }, { token })
  const streams = { stdout: '', stderr: '' }
  const output = streamOutput(client, id, number, { token })
  for (;;) {
    const step = await output.next()
    if (step.done) return { ...step.value, ...streams }
    streams[step.value.stream] += Buffer.from(step.value.bytes).toString()
  }
}

export async function release(client: Client, { id, token }: Pick<Held, 'id' | 'token'>): Promise<Lease> {
  return client.releaseLease({ id, body: {} }, { token })
}

/** The lease once it is destroyed. */
export async function destroyed(client: Client, id: string, milliseconds?: number): Promise<Lease> {
  await eventually(
    `lease ${id} is destroyed`,
    async () => (await client.getLease({ id })).status === 'destroyed',
    milliseconds,
  )
  return client.getLease({ id })
}

export const timeline = async (client: Client, id: string) => (await client.leaseEvents({ id })).events
