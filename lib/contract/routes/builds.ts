import { z } from 'zod'
import * as builds from '../build.ts'
import { leaseEvents } from '../lease.ts'
import { identifier, wait } from '../scalars.ts'
import { none } from './route.ts'
import type { Route } from './route.ts'

const byBuild = z.strictObject({ id: identifier })

/** Builds: a working copy, steps in it, and its release, whatever happens. */
export const buildRoutes = {
  createBuild: {
    method: 'POST',
    path: '/v1/builds',
    summary: 'Run steps in a clean working copy of a commit',
    permission: 'lease',
    served: 'api',
    parameters: none,
    query: none,
    body: builds.buildRequest,
    idempotencyKey: 'required',
    success: { status: 201, body: builds.build },
  },
  listBuilds: {
    method: 'GET',
    path: '/v1/builds',
    summary: 'Your builds, newest first; operators see every tenant',
    permission: 'lease',
    served: 'api',
    parameters: none,
    query: builds.buildFilter,
    success: { status: 200, body: builds.buildPage },
  },
  getBuild: {
    method: 'GET',
    path: '/v1/builds/{id}',
    summary: 'A build with its steps; with wait, answers when it has ended',
    permission: 'lease',
    served: 'poll',
    parameters: byBuild,
    query: z.strictObject({ wait }),
    success: { status: 200, body: builds.build },
  },
  buildOutput: {
    method: 'GET',
    path: '/v1/builds/{id}/output',
    summary:
      'Output of all steps in order from an offset; with wait, answers when there is some or no more comes',
    permission: 'lease',
    served: 'poll',
    parameters: byBuild,
    query: builds.buildOutputQuery,
    success: { status: 200, body: builds.buildOutput },
  },
  buildEvents: {
    method: 'GET',
    path: '/v1/builds/{id}/events',
    summary: "The build's timeline, over all of its generations",
    permission: 'lease',
    served: 'api',
    parameters: byBuild,
    query: none,
    success: { status: 200, body: leaseEvents },
  },
  restartBuild: {
    method: 'POST',
    path: '/v1/builds/{id}/restart',
    summary: 'Begin it anew with a lease of its own, once nothing of the one before is left',
    permission: 'lease',
    served: 'api',
    parameters: byBuild,
    query: none,
    idempotencyKey: 'required',
    success: { status: 202, body: builds.build },
  },
  abortBuild: {
    method: 'DELETE',
    path: '/v1/builds/{id}',
    summary: 'End it now and kill what runs; the same answer twice',
    permission: 'lease',
    served: 'api',
    parameters: byBuild,
    query: none,
    success: { status: 200, body: builds.build },
  },
} as const satisfies Record<string, Route>
