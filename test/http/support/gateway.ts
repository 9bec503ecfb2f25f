import type { Context } from 'aws-lambda'
import { expect } from 'vitest'
import type { Ports } from '../../../lib/app/ports/ports.ts'
import { createToken } from '../../../lib/app/tokens/api-tokens.ts'
import { problem } from '../../../lib/contract/problem.ts'
import { routes } from '../../../lib/contract/routes.ts'
import type { Route, RouteName } from '../../../lib/contract/routes.ts'
import type { Scope } from '../../../lib/domain/access.ts'
import type { Answer } from '../../../lib/http/answer.ts'
import { apiRouter, pollRouter } from '../../../lib/http/api.ts'
import { createAuthorizer } from '../../../lib/http/authorizer/authorize.ts'
import { createHandler } from '../../../lib/http/handler.ts'
import type { ApiEvent } from '../../../lib/http/request.ts'
import { createSecrets } from '../../../lib/runtime/secrets.ts'
import { openWorld } from '../../support/world.ts'
import type { World, WorldOptions } from '../../support/world.ts'

export interface Sent {
  readonly token?: string | undefined
  /** Texts go as they are, everything else as JSON. */
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  readonly base64?: boolean
}

export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Readonly<Record<string, unknown>>
}

export interface Gateway {
  readonly world: World
  readonly ports: Ports
  readonly ci: string
  readonly operator: string
  /** Errors that were no refusals. */
  readonly faults: readonly unknown[]
  issue(tenant: string, scopes: readonly Scope[], life?: number): Promise<string>
  /** Method and target, as in a request line. Each reply is held against the contract. */
  send(method: string, target: string, sent?: Sent): Promise<Reply>
}

export interface GatewayOptions extends WorldOptions {
  readonly issuers?: string
  /** In place of the world's own ports, e.g. a table that fails. */
  readonly change?: (ports: Ports) => Ports
}

/** The authorizer and the functions as the HTTP API calls them, over a world in memory. */
export async function openGateway(options: GatewayOptions = {}): Promise<Gateway> {
  const world = await openWorld(options)
  const secrets = createSecrets(async () => Buffer.alloc(32, 7))
  const faults: unknown[] = []
  const own: Ports = { ...world.ports, secrets }
  const issue: Gateway['issue'] = async (tenant, scopes, life = 86_400_000) =>
    (await createToken(own, { tenant, scopes, life })).token
  const [ci, operator] = [await issue('acme', ['lease']), await issue('ops', ['operator'])]
  const ports = options.change?.(own) ?? own
  const authorize = createAuthorizer(ports, async () => options.issuers)
  const observer = {
    begin: () => undefined,
    fault: (error: unknown) => faults.push(error),
    passes: (error: unknown) => error instanceof Error && error.name === 'TableBusy',
  }
  const functions = {
    api: createHandler(apiRouter(ports), observer),
    poll: createHandler(pollRouter(ports), observer),
  }

  return {
    world,
    ports,
    ci,
    operator,
    faults,
    issue,
    send: async (method, target, sent = {}) => {
      const found = match(method, target)
      const authorization = sent.token === undefined ? {} : { authorization: `Bearer ${sent.token}` }
      const { context } = await authorize({ headers: { ...authorization } })
      const event = eventOf(method, target, found, sent, context)
      const served = found ? routes[found.name].served : 'api'
      const answer = await functions[served](event, lambdaContext)
      return judged(found?.name, answer)
    },
  }
}

interface Match {
  readonly name: RouteName
  readonly routeKey: string
  readonly pathParameters: Readonly<Record<string, string>>
}

function match(method: string, target: string): Match | undefined {
  const path = target.split('?')[0] ?? ''
  for (const [name, route] of Object.entries<Route>(routes)) {
    const pattern = new RegExp(`^${route.path.replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`)
    const found = pattern.exec(path)
    if (route.method !== method || !found) continue
    const pathParameters = Object.fromEntries(
      Object.entries(found.groups ?? {}).map(([key, value]) => [key, decodeURIComponent(value)]),
    )
    return { name: name as RouteName, routeKey: `${method} ${route.path}`, pathParameters }
  }
  return undefined
}

function eventOf(
  method: string,
  target: string,
  found: Match | undefined,
  { body, headers = {}, base64 = false }: Sent,
  identity: object,
): ApiEvent {
  const [rawPath = '', rawQueryString = ''] = target.split('?')
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const query = Object.fromEntries(new URLSearchParams(rawQueryString))
  return {
    version: '2.0',
    routeKey: found?.routeKey ?? '$default',
    rawPath,
    rawQueryString,
    headers: { ...(text === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(rawQueryString === '' ? {} : { queryStringParameters: query }),
    ...(found && Object.keys(found.pathParameters).length > 0 ? found : {}),
    ...(text === undefined ? {} : { body: base64 ? Buffer.from(text).toString('base64') : text }),
    isBase64Encoded: base64,
    requestContext: { requestId: 'request-1', authorizer: { lambda: identity }, http: { method } },
  } as unknown as ApiEvent
}

const lambdaContext = { getRemainingTimeInMillis: () => 28_000 } as unknown as Context

function judged(name: RouteName | undefined, answer: Answer): Reply {
  const body = JSON.parse(answer.body) as Reply['body']
  const { statusCode: status, headers } = answer
  if (status < 400 && name !== undefined) {
    expect(status).toBe(routes[name].success.status)
    expect(headers['content-type']).toBe('application/json')
    const read = routes[name].success.body.safeParse(body)
    expect(read.error?.issues ?? []).toEqual([])
  } else {
    expect(headers['content-type']).toBe('application/problem+json')
    expect(problem.strict().parse(body)).toMatchObject({
      status,
      type: `urn:drydock:problem:${String(body['code'])}`,
      requestId: 'request-1',
    })
  }
  expect(headers['cache-control']).toBe('no-store')
  return { status, headers, body }
}
