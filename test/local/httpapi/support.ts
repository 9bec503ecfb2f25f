import type {
  AuthorizerResource,
  HttpApiResource,
  RouteResource,
} from '../../../infra/local/assembly/types.ts'
import { startHttpApi } from '../../../infra/local/httpapi/server.ts'
import type { Invoke, InvokeResult } from '../../../infra/local/httpapi/within.ts'
import { handClock } from '../support/clock.ts'
import type { HandClock } from '../support/clock.ts'

export interface Running extends AsyncDisposable {
  readonly url: string
  readonly clock: HandClock
  /** What the functions were called with. */
  readonly calls: { readonly functionArn: string; readonly event: unknown }[]
  readonly logs: string[]
}

/** A running API in front of functions that the test writes as plain code. */
export async function runApi(options: {
  api?: Partial<HttpApiResource>
  functions?: Readonly<Record<string, (event: unknown) => unknown>>
}): Promise<Running> {
  const clock = handClock(Date.UTC(2026, 2, 12, 19, 3, 58, 21))
  const calls: Running['calls'] = []
  const logs: string[] = []
  const invoke: Invoke = async (functionArn, event) => {
    calls.push({ functionArn, event })
    return (await options.functions?.[functionArn]?.(event)) as InvokeResult
  }
  const server = await startHttpApi({
    api: { ...anApi(), ...options.api },
    place: { region: 'eu-west-1', account: '111122223333' },
    invoke,
    clock,
    port: 0,
    onLog: (line) => logs.push(line),
  })
  return { url: server.url, clock, calls, logs, [Symbol.asyncDispose]: () => server.close() }
}

function anApi(): HttpApiResource {
  return {
    stackName: 'App',
    logicalId: 'Api',
    apiId: 'abc123',
    name: 'api',
    endpoint: 'https://abc123.execute-api.eu-west-1.amazonaws.com',
    stage: { name: '$default', variables: {} },
    routes: [aRoute('$default')],
  }
}

export function aRoute(key: string, overrides: Partial<RouteResource> = {}): RouteResource {
  return { key, functionArn: 'fn', timeoutMilliseconds: 30_000, ...overrides }
}

export function anAuthorizer(overrides: Partial<AuthorizerResource> = {}): AuthorizerResource {
  return {
    id: 'auth1',
    name: 'guard',
    functionArn: 'guard',
    identitySources: ['$request.header.Authorization'],
    resultTtlSeconds: 10,
    ...overrides,
  }
}

export function ok(payload: unknown): InvokeResult {
  return { ok: true, payload }
}
