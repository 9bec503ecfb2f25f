import { z } from 'zod'
import * as configs from '../config.ts'
import * as tokens from '../token.ts'
import { none } from './route.ts'
import type { Route } from './route.ts'

/** What operators declare, and whom they let in. */
export const administrationRoutes = {
  getConfig: {
    method: 'GET',
    path: '/v1/config',
    summary: 'Blueprints, hosts, repositories and tenants as one document',
    permission: 'operator',
    served: 'api',
    parameters: none,
    query: none,
    success: { status: 200, body: configs.config },
  },
  applyConfig: {
    method: 'PUT',
    path: '/v1/config',
    summary: 'Make blueprints, hosts, repositories and tenants be as the document says',
    permission: 'operator',
    served: 'api',
    parameters: none,
    query: configs.configQuery,
    body: configs.config,
    success: { status: 200, body: configs.configPlan },
  },
  createToken: {
    method: 'POST',
    path: '/v1/tokens',
    summary: 'Issue an API token',
    permission: 'operator',
    served: 'api',
    parameters: none,
    query: none,
    body: tokens.tokenRequest,
    success: { status: 201, body: tokens.createdToken },
  },
  listTokens: {
    method: 'GET',
    path: '/v1/tokens',
    summary: 'API tokens, without their secrets',
    permission: 'operator',
    served: 'api',
    parameters: none,
    query: none,
    success: { status: 200, body: tokens.tokens },
  },
  revokeToken: {
    method: 'DELETE',
    path: '/v1/tokens/{id}',
    summary: 'Revoke an API token',
    permission: 'operator',
    served: 'api',
    parameters: z.strictObject({ id: z.string().regex(/^[0-9A-HJKMNP-TV-Z]{26}$/) }),
    query: none,
    success: { status: 200, body: tokens.apiToken },
  },
} as const satisfies Record<string, Route>
