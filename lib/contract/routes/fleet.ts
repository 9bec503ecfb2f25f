import { z } from 'zod'
import { blueprintState, disableRequest } from '../blueprint.ts'
import { drainRequest, host, lossRequest } from '../host.ts'
import { pool, pools } from '../pool.ts'
import { name } from '../scalars.ts'
import { none } from './route.ts'
import type { Route } from './route.ts'

const byName = z.strictObject({ name })

/** What there is to lease, and taking it out of service. */
export const fleetRoutes = {
  listPools: {
    method: 'GET',
    path: '/v1/pools',
    summary: 'Demand and supply of every pool',
    permission: 'operator',
    served: 'api',
    parameters: none,
    query: none,
    success: { status: 200, body: pools },
  },
  getPool: {
    method: 'GET',
    path: '/v1/pools/{name}',
    summary: 'Demand, supply and holders of one pool',
    permission: 'operator',
    served: 'api',
    parameters: byName,
    query: none,
    success: { status: 200, body: pool },
  },
  drainHost: {
    method: 'POST',
    path: '/v1/hosts/{name}/drain',
    summary: 'No new leases on the host; those that it has go on to their end',
    permission: 'operator',
    served: 'api',
    parameters: byName,
    query: none,
    body: drainRequest,
    success: { status: 200, body: host },
  },
  returnHost: {
    method: 'POST',
    path: '/v1/hosts/{name}/return',
    summary: 'The host gives leases again, whatever kept it from that',
    permission: 'operator',
    served: 'api',
    parameters: byName,
    query: none,
    success: { status: 200, body: host },
  },
  loseHost: {
    method: 'POST',
    path: '/v1/hosts/{name}/lost',
    summary: 'The host is gone: its leases end now, or go on elsewhere if they were not active yet',
    permission: 'operator',
    served: 'api',
    parameters: byName,
    query: none,
    body: lossRequest,
    success: { status: 200, body: host },
  },
  disableBlueprint: {
    method: 'POST',
    path: '/v1/blueprints/{name}/disable',
    summary: 'The blueprint gives no slots any more; what waits keeps its place. The same answer twice',
    permission: 'operator',
    served: 'api',
    parameters: byName,
    query: none,
    body: disableRequest,
    success: { status: 200, body: blueprintState },
  },
  enableBlueprint: {
    method: 'POST',
    path: '/v1/blueprints/{name}/enable',
    summary: 'The blueprint gives slots again, in the order in which its leases wait. The same answer twice',
    permission: 'operator',
    served: 'api',
    parameters: byName,
    query: none,
    success: { status: 200, body: blueprintState },
  },
} as const satisfies Record<string, Route>
