import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { z } from 'zod'
import { routes } from '../../../lib/contract/routes.ts'
import type { Route, RouteName } from '../../../lib/contract/routes.ts'
import type { Answer } from '../../../lib/client/ask.ts'

/** A refusal that a handler throws: sent as problem+json. */
export class Refusal extends Error {
  readonly status: number
  readonly code: string
  readonly headers: Record<string, string>

  constructor(status: number, code: string, headers: Record<string, string> = {}) {
    super(`refused for the test: ${code}`)
    this.status = status
    this.code = code
    this.headers = headers
  }
}

type RouteOf<N extends RouteName> = (typeof routes)[N]
export interface Asked<N extends RouteName> {
  readonly parameters: z.output<RouteOf<N>['parameters']>
  readonly query: z.output<RouteOf<N>['query']>
  readonly body: RouteOf<N> extends { readonly body: infer B extends z.ZodType } ? z.output<B> : undefined
  readonly token: string
  readonly key: string | undefined
}

export type Handlers = {
  readonly [N in RouteName]?: (asked: Asked<N>) => Answer<N> | Promise<Answer<N>>
}

export interface Seen {
  readonly name: RouteName
  readonly token: string
  readonly key: string | undefined
  readonly query: unknown
  readonly body: unknown
}

/** `refuse`: not handled; `drop`: the connection ends before, or after, it was handled. */
export type Fault = { readonly refuse: Refusal } | { readonly drop: 'before' | 'after' }

export interface Api {
  readonly url: string
  readonly seen: Seen[]
  /** The next requests of the route meet these, one each. */
  readonly failNext: (name: RouteName, ...faults: Fault[]) => void
  readonly headers: Record<string, string>
  readonly close: () => Promise<void>
}

/** A real HTTP server for the client's tests: routes, requests and answers are judged by the contract's own table. */
export async function startApi(handlers: Handlers): Promise<Api> {
  const seen: Seen[] = []
  const faults = new Map<RouteName, Fault[]>()
  const headers: Record<string, string> = {}
  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => answer(response, 500, { message: String(error) }))
  })

  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const text = await read(request)
    try {
      const { name, route, asked } = understand(request, text)
      seen.push({ name, token: asked.token, key: asked.key, query: asked.query, body: asked.body })
      const fault = faults.get(name)?.shift()
      if (fault && 'refuse' in fault) throw fault.refuse
      if (fault?.drop === 'before') return request.socket.destroy()
      const handler = handlers[name] as ((asked: unknown) => unknown) | undefined
      if (!handler) throw new Refusal(501, 'not_in_this_test')
      const value = await handler(asked)
      if (fault?.drop === 'after') return request.socket.destroy()
      return answer(response, route.success.status, route.success.body.parse(value), headers)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      const problem = {
        type: `about:blank#${error.code}`,
        title: error.code,
        status: error.status,
        code: error.code,
        detail: error.message,
      }
      return answer(response, error.status, problem, {
        ...error.headers,
        'content-type': 'application/problem+json',
      })
    }
  }

  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    headers,
    failNext: (name, ...given) => faults.set(name, [...(faults.get(name) ?? []), ...given]),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function understand(request: IncomingMessage, text: string) {
  const url = new URL(request.url ?? '/', 'http://test')
  for (const name of Object.keys(routes) as RouteName[]) {
    const route: Route = routes[name]
    const parameters = match(route.path, url.pathname)
    if (route.method !== request.method || !parameters) continue
    const key = request.headers['idempotency-key']?.toString()
    if (route.idempotencyKey && key === undefined) throw new Refusal(428, 'key_required')
    const asked = {
      parameters: judged(route.parameters, parameters),
      query: judged(route.query, Object.fromEntries(url.searchParams)),
      body: route.body === undefined ? undefined : judged(route.body, JSON.parse(text)),
      token: request.headers.authorization?.replace('Bearer ', '') ?? '',
      key,
    }
    return { name, route, asked }
  }
  throw new Refusal(404, 'not_found')
}

function judged(schema: z.ZodType, value: unknown): unknown {
  const result = schema.safeParse(value)
  if (!result.success) throw new Refusal(400, 'malformed')
  return result.data
}

function match(template: string, path: string): Record<string, string> | undefined {
  const names: string[] = []
  const pattern = template.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    names.push(name)
    return '([^/]+)'
  })
  const found = new RegExp(`^${pattern}$`).exec(path)
  return found
    ? Object.fromEntries(names.map((name, index) => [name, decodeURIComponent(found[index + 1] ?? '')]))
    : undefined
}

async function read(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  return Buffer.concat(parts).toString()
}

function answer(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
) {
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  response.end(JSON.stringify(body))
}
