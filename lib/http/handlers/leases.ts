import type { z } from 'zod'
import { createLease } from '../../app/leases/create-lease.ts'
import { extendLease } from '../../app/leases/extend-lease.ts'
import { explainLease } from '../../app/leases/explain-lease.ts'
import { leaseEvents, listLeases } from '../../app/leases/list-leases.ts'
import { releaseLease } from '../../app/leases/release-lease.ts'
import { renewLease } from '../../app/leases/renew-lease.ts'
import { awaitLease, viewLease } from '../../app/leases/view-lease.ts'
import type { LeaseView } from '../../app/leases/view-lease.ts'
import type { Ports } from '../../app/ports/ports.ts'
import type { Caller } from '../../domain/access.ts'
import type { Lease as StoredLease } from '../../domain/lease.ts'
import type { Result } from '../../domain/refusals.ts'
import { ok } from '../../domain/refusals.ts'
import type { leaseRequest } from '../../contract/lease.ts'
import { presentExplanation } from '../present/explanation.ts'
import { given } from '../present/given.ts'
import { milliseconds } from '../present/instant.ts'
import { presentEvents, presentLease } from '../present/lease.ts'
import type { Handler, Handlers } from '../router.ts'

type Repositories = z.output<typeof leaseRequest>['repositories']

type Needs = Pick<Ports, 'table' | 'executions' | 'clock' | 'chance' | 'secrets' | 'journal'>

/** Everything of leases but the long poll. */
export const leaseHandlers = (
  ports: Needs,
): Handlers<
  | 'createLease'
  | 'listLeases'
  | 'explainLease'
  | 'leaseEvents'
  | 'renewLease'
  | 'extendLease'
  | 'releaseLease'
> => ({
  createLease: async ({ caller, query, body, key }) => {
    const { blueprint, type, pools, priority, repository, commit, merges, repositories, note } = body
    const durations = given({
      ttl: scaled(body.ttlSeconds),
      wait: scaled(body.waitSeconds),
      maxHold: scaled(body.maxHoldSeconds),
      keepFor: scaled(body.onFailure?.holdSeconds),
    })
    const wish = given({
      blueprint,
      type,
      pools,
      repository,
      commit,
      merges,
      repositories: repositories?.map(demandOf),
      note,
    })
    const demand = { priority, durations, ...wish }
    const created = await createLease(ports, caller, demand, key)
    if (!created.ok) return created
    const { leaseId, token } = created.value
    const awaited = await awaitStart(ports, caller, leaseId, milliseconds(query.wait))
    if (!awaited.ok) return awaited
    return ok({
      body: { ...presentLease(awaited.value), token },
      headers: { ...headersOf(awaited.value), location: `/v1/leases/${leaseId}` },
    })
  },

  listLeases: async ({ caller, query }) => {
    const { status, blueprint, pool, tenant, owner, cursor, limit } = query
    const filter = given({ status, blueprint, pool, tenant, owner, cursor })
    const page = await listLeases(ports, caller, { limit, ...filter })
    if (!page.ok) return page
    // Places in queues are left out: one costs as much as the whole page.
    const leases = page.value.leases.map((lease) =>
      presentLease({ lease, execution: ports.executions.leaseExecution(lease.id) }),
    )
    return ok({ body: { leases, ...given({ cursor: page.value.cursor }) } })
  },

  explainLease: async ({ caller, parameters }) => {
    const explanation = await explainLease(ports, caller, parameters.id)
    return explanation.ok ? ok({ body: presentExplanation(explanation.value) }) : explanation
  },

  leaseEvents: async ({ caller, parameters }) => {
    const events = await leaseEvents(ports, caller, parameters.id)
    return events.ok ? ok({ body: presentEvents(events.value) }) : events
  },

  renewLease: async ({ caller, parameters, body }) =>
    leaseReply(ports, await renewLease(ports, caller, parameters.id, scaled(body.ttlSeconds))),

  extendLease: async ({ caller, parameters, body }) =>
    leaseReply(
      ports,
      await extendLease(ports, caller, parameters.id, {
        extendBy: milliseconds(body.extendSeconds),
        reason: body.reason,
      }),
    ),

  releaseLease: async ({ caller, parameters, body }) =>
    leaseReply(ports, await releaseLease(ports, caller, parameters.id, body.outcome)),
})

/**
 * Waits while a slot is being made ready, which is short. A lease that stands in a queue is answered at once: waiting
 * for long is another function's work.
 */
async function awaitStart(ports: Needs, caller: Caller, id: string, wait: number) {
  const now = await awaitLease(ports, caller, id, 0)
  if (!now.ok || wait === 0 || now.value.lease.status !== 'acquired') return now
  return awaitLease(ports, caller, id, wait)
}

/** The long poll of a lease. */
export const getLease =
  (ports: Pick<Ports, 'table' | 'executions' | 'clock' | 'journal'>): Handler<'getLease'> =>
  async ({ caller, parameters, query }) => {
    const view = await awaitLease(ports, caller, parameters.id, milliseconds(query.wait))
    return view.ok ? ok({ body: presentLease(view.value), headers: headersOf(view.value) }) : view
  }

async function leaseReply(ports: Needs, result: Result<StoredLease>) {
  if (!result.ok) return result
  const view = await viewLease(ports, result.value)
  return ok({ body: presentLease(view), headers: headersOf(view) })
}

const headersOf = (view: LeaseView & { readonly retryAfterSeconds?: number }): Record<string, string> => ({
  etag: `"${view.lease.version}"`,
  ...(view.retryAfterSeconds === undefined ? {} : { 'retry-after': String(view.retryAfterSeconds) }),
})

const demandOf = ({ repository, directory, commit, merges }: NonNullable<Repositories>[number]) => ({
  repository,
  ...given({ directory, commit, merges }),
})

const scaled = (seconds: number | undefined): number | undefined =>
  seconds === undefined ? undefined : milliseconds(seconds)
