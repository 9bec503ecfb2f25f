import { z } from 'zod'
import { explanation } from '../explanation.ts'
import * as leases from '../lease.ts'
import { identifier, wait } from '../scalars.ts'
import { none } from './route.ts'
import type { Route } from './route.ts'

const byLease = z.strictObject({ id: identifier })

/** Asking for a lease, looking at it, keeping it and giving it back. */
export const leaseRoutes = {
  createLease: {
    method: 'POST',
    path: '/v1/leases',
    summary: 'Ask for a lease; with wait, answers when it is active if it got a slot at once',
    permission: 'lease',
    served: 'api',
    parameters: none,
    query: z.strictObject({ wait }),
    body: leases.leaseRequest,
    idempotencyKey: 'required',
    success: { status: 201, body: leases.createdLease },
  },
  listLeases: {
    method: 'GET',
    path: '/v1/leases',
    summary: 'Your leases, newest first; operators see every tenant',
    permission: 'lease',
    served: 'api',
    parameters: none,
    query: leases.leaseFilter,
    success: { status: 200, body: leases.leasePage },
  },
  getLease: {
    method: 'GET',
    path: '/v1/leases/{id}',
    summary: 'A lease; with wait, answers when it is active or has ended',
    permission: 'reader',
    served: 'poll',
    parameters: byLease,
    query: z.strictObject({ wait }),
    success: { status: 200, body: leases.lease },
  },
  explainLease: {
    method: 'GET',
    path: '/v1/leases/{id}/explain',
    summary:
      'Why it waits: its rank, the reason by pool and host, who holds what until when, and an estimate',
    permission: 'reader',
    served: 'api',
    parameters: byLease,
    query: none,
    success: { status: 200, body: explanation },
  },
  leaseEvents: {
    method: 'GET',
    path: '/v1/leases/{id}/events',
    summary: "The lease's timeline",
    permission: 'reader',
    served: 'api',
    parameters: byLease,
    query: none,
    success: { status: 200, body: leases.leaseEvents },
  },
  renewLease: {
    method: 'POST',
    path: '/v1/leases/{id}/renew',
    summary: 'Prolong an active lease up to its hard maximum',
    permission: 'holder',
    served: 'api',
    parameters: byLease,
    query: none,
    body: leases.renewRequest,
    success: { status: 200, body: leases.lease },
  },
  extendLease: {
    method: 'POST',
    path: '/v1/leases/{id}/extend',
    summary: 'Let an active lease last longer than its hard maximum; who and why stands in its timeline',
    permission: 'operator',
    served: 'api',
    parameters: byLease,
    query: none,
    body: leases.extendRequest,
    success: { status: 200, body: leases.lease },
  },
  releaseLease: {
    method: 'DELETE',
    path: '/v1/leases/{id}',
    summary: 'Give it back, or cancel the wait; the same answer twice',
    permission: 'holder',
    served: 'api',
    parameters: byLease,
    query: none,
    body: leases.releaseRequest,
    success: { status: 200, body: leases.lease },
  },
} as const satisfies Record<string, Route>
