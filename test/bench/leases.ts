import { setTimeout as delay } from 'node:timers/promises'
import type { Client } from '../../lib/client/api.ts'
import { waitForActive } from '../../lib/client/wait.ts'
import type { Lease, LeaseEvents, LeaseRequest } from '../../lib/contract/lease.ts'

export interface Taken {
  readonly lease: Lease
  readonly token: string
  /** Of this process's clock, milliseconds. */
  readonly askedAt: number
  readonly activeAt: number
  /** When the POST was answered, epoch milliseconds: from then on it certainly stands in its queue, or has a slot. */
  readonly standsFrom: number
}

/** Asks for a lease as a CI job does (one POST, then long polls) until this client has seen that it is active. */
export async function take(client: Client, body: LeaseRequest): Promise<Taken> {
  const askedAt = performance.now()
  const { token, ...created } = await client.createLease({ body })
  const standsFrom = Date.now()
  const lease =
    created.status === 'active' ? created : (await waitForActive(client, created.id, { token })).lease
  return { lease, token, askedAt, activeAt: performance.now(), standsFrom }
}

export const release = async (
  client: Client,
  { lease, token }: Pick<Taken, 'lease' | 'token'>,
): Promise<void> => {
  await client.releaseLease({ id: lease.id, body: {} }, { token })
}

export type Timeline = LeaseEvents['events']

/** The timeline of a lease, once its slot has been given away. */
export async function timelineOf(
  client: Client,
  { lease, token }: Pick<Taken, 'lease' | 'token'>,
): Promise<Timeline> {
  for (;;) {
    const { events } = await client.leaseEvents({ id: lease.id }, { token })
    if (events.some(({ type }) => type === 'destroyed')) return events
    await delay(5)
  }
}

/**
 * When a transition was made, by the clock of whoever made it; the last of its kind. Epoch milliseconds.
 * @throws Error where the lease never made it
 */
export function instantOf(timeline: Timeline, type: string): number {
  const found = timeline.findLast((event) => event.type === type)
  if (!found) throw new Error(`no ${type} among ${timeline.map((event) => event.type).join(', ')}`)
  return Date.parse(found.at)
}

export const between = (timeline: Timeline, from: string, to: string): number =>
  instantOf(timeline, to) - instantOf(timeline, from)
