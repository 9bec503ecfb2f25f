import { z } from 'zod'
import * as commands from './command.ts'
import * as configs from './config.ts'
import * as leases from './lease.ts'
import { pool, pools } from './pool.ts'
import { commandNumber, identifier, name, wait } from './scalars.ts'
import * as tokens from './token.ts'

/**
 * Who may call: `lease` an API token that may lease; `operator`; `holder` the lease's own token (operators may too where
 * the use case says so); `reader` the holder, the lease's owner or an operator.
 */
export type Permission = 'lease' | 'operator' | 'holder' | 'reader'

export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** API Gateway's form: `{id}` is a path parameter. */
  readonly path: string
  readonly summary: string
  readonly permission: Permission
  /** Long polls are a function of their own, so that they never starve renewals. */
  readonly served: 'api' | 'poll'
  readonly parameters: z.ZodObject
  readonly query: z.ZodObject
  readonly body?: z.ZodType
  readonly idempotencyKey?: 'required'
  readonly success: { readonly status: 200 | 201 | 202; readonly body: z.ZodType }
}

const none = z.strictObject({})
const byLease = z.strictObject({ id: identifier })
const byCommand = z.strictObject({ id: identifier, number: commandNumber })

export const routes = {
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
  runCommand: {
    method: 'POST',
    path: '/v1/leases/{id}/commands',
    summary: 'Run a program through an active lease',
    permission: 'holder',
    served: 'api',
    parameters: byLease,
    query: none,
    body: commands.commandRequest,
    idempotencyKey: 'required',
    success: { status: 202, body: commands.command },
  },
  getCommand: {
    method: 'GET',
    path: '/v1/leases/{id}/commands/{number}',
    summary: 'A command; with wait, answers when it has ended',
    permission: 'reader',
    served: 'poll',
    parameters: byCommand,
    query: z.strictObject({ wait }),
    success: { status: 200, body: commands.command },
  },
  commandOutput: {
    method: 'GET',
    path: '/v1/leases/{id}/commands/{number}/output',
    summary: 'Output from an offset; with wait, answers when there is some or the command has ended',
    permission: 'reader',
    served: 'poll',
    parameters: byCommand,
    query: commands.outputQuery,
    success: { status: 200, body: commands.output },
  },
  cancelCommand: {
    method: 'DELETE',
    path: '/v1/leases/{id}/commands/{number}',
    summary: 'Kill the command; the lease stays',
    permission: 'holder',
    served: 'api',
    parameters: byCommand,
    query: none,
    success: { status: 200, body: commands.command },
  },
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
    parameters: z.strictObject({ name }),
    query: none,
    success: { status: 200, body: pool },
  },
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

export type RouteName = keyof typeof routes
