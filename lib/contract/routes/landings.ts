import { z } from 'zod'
import * as landings from '../landing.ts'
import { identifier, wait } from '../scalars.ts'
import { none } from './route.ts'
import type { Route } from './route.ts'

const byLanding = z.strictObject({ id: identifier })

/** Changes that the server puts onto a branch, one at a time for each branch. */
export const landingRoutes = {
  createLanding: {
    method: 'POST',
    path: '/v1/landings',
    summary: 'Land a source on a branch, in its turn',
    permission: 'lease',
    served: 'api',
    parameters: none,
    query: none,
    body: landings.landingRequest,
    idempotencyKey: 'required',
    success: { status: 201, body: landings.landing },
  },
  listLandings: {
    method: 'GET',
    path: '/v1/landings',
    summary: 'Your landings, newest first; operators see every tenant',
    permission: 'lease',
    served: 'api',
    parameters: none,
    query: landings.landingFilter,
    success: { status: 200, body: landings.landingPage },
  },
  getLanding: {
    method: 'GET',
    path: '/v1/landings/{id}',
    summary: 'A landing; with wait, answers when it has ended',
    permission: 'lease',
    served: 'poll',
    parameters: byLanding,
    query: z.strictObject({ wait }),
    success: { status: 200, body: landings.landing },
  },
  cancelLanding: {
    method: 'DELETE',
    path: '/v1/landings/{id}',
    summary: 'Call it back before its push begins; the same answer twice',
    permission: 'lease',
    served: 'api',
    parameters: byLanding,
    query: none,
    success: { status: 200, body: landings.landing },
  },
} as const satisfies Record<string, Route>
