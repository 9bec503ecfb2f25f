import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { HttpApiResource } from '../assembly/types.ts'
import type { Clock } from '../stepfunctions/clock.ts'
import { gatewayAnswers, toAnswer } from './answer.ts'
import type { Answer } from './answer.ts'
import { createAuthorization } from './authorize.ts'
import { readBody } from './body.ts'
import { preflight, withCors } from './cors.ts'
import { authorizerEvent, integrationEvent, readRequest } from './event.ts'
import type { Envelope, Incoming, RequestParts } from './event.ts'
import { compileRoutes } from './routes.ts'
import type { Match } from './routes.ts'
import { within } from './within.ts'
import type { Invoke } from './within.ts'

export interface HttpApi {
  /** `http://127.0.0.1:<port>`, without a slash at its end. */
  readonly url: string
  /** Stops listening, gives running requests the grace and cuts what is left. */
  close(): Promise<void>
}

export interface HttpApiOptions {
  readonly api: HttpApiResource
  readonly place: { readonly region: string; readonly account: string }
  readonly invoke: Invoke
  readonly clock: Clock
  /** 0 lets the system choose. */
  readonly port: number
  readonly onLog: (line: string) => void
}

const bodyLimitBytes = 10 * 1024 * 1024
const keepAliveMilliseconds = 65_000
const graceMilliseconds = 300

/** Serves one HTTP API on loopback as API Gateway would: routes, authorizers, CORS, limits, timeouts. */
export async function startHttpApi(options: HttpApiOptions): Promise<HttpApi> {
  const { api, place, invoke, clock, onLog } = options
  const match = compileRoutes(api.routes)
  const authorize = createAuthorization(invoke, clock)
  const stagePrefix = api.stage.name === '$default' ? '' : `/${api.stage.name}`

  const server = createServer({ keepAliveTimeout: keepAliveMilliseconds }, (request, response) => {
    serve(request, response).catch((error: unknown) => {
      if (request.destroyed && !request.complete) return
      onLog(`http ${request.method} ${request.url?.split('?')[0]}: ${String(error)}`)
      send(response, gatewayAnswers.failed, '')
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo

  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeIdleConnections()
      await within(clock, graceMilliseconds, closed)
      server.closeAllConnections()
      await closed
    },
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request, bodyLimitBytes)
    const envelope = newEnvelope()
    if (body === 'too large') return send(response, gatewayAnswers.tooLarge, envelope.requestId)
    const incoming: Incoming = {
      method: request.method ?? 'GET',
      url: request.url ?? '/',
      protocol: `HTTP/${request.httpVersion}`,
      sourceIp: request.socket.remoteAddress ?? '127.0.0.1',
      rawHeaders: request.rawHeaders,
      body,
    }
    const parts = readable(incoming, envelope)
    if (!parts) return send(response, gatewayAnswers.badRequest, envelope.requestId)
    const answer =
      (api.cors && preflight(api.cors, incoming.method, parts.headers)) ??
      withCors(await answerOf(incoming, envelope, parts), api.cors, parts.headers)
    return send(response, answer, envelope.requestId)
  }

  async function answerOf(incoming: Incoming, envelope: Envelope, parts: RequestParts): Promise<Answer> {
    const found = findRoute(incoming.method, parts.rawPath)
    if (!found) return gatewayAnswers.notFound
    const { route, parameters: pathParameters } = found
    const common = { incoming, envelope, parts, routeKey: route.key, pathParameters }
    if (!route.authorizer) return integrate(route, integrationEvent(common))
    const routeArn = `arn:aws:execute-api:${place.region}:${place.account}:${api.apiId}/${api.stage.name}/${incoming.method}${parts.rawPath}`
    const verdict = await authorize({
      ...common,
      authorizer: route.authorizer,
      event: (identity) => authorizerEvent(common, routeArn, identity),
    })
    if (verdict.kind !== 'allowed') return refusals[verdict.kind]
    return integrate(route, integrationEvent(common, { lambda: verdict.context }))
  }

  async function integrate(route: Match['route'], event: object): Promise<Answer> {
    const result = await within(clock, route.timeoutMilliseconds, invoke(route.functionArn, event))
    if (result === 'late') return gatewayAnswers.unavailable
    return result.ok ? toAnswer(result.payload) : gatewayAnswers.failed
  }

  function findRoute(method: string, path: string): Match | undefined {
    if (stagePrefix === '') return match(method, path)
    if (path !== stagePrefix && !path.startsWith(`${stagePrefix}/`)) return undefined
    return match(method, path.slice(stagePrefix.length) || '/')
  }

  function newEnvelope(): Envelope {
    const now = clock.now()
    return {
      account: place.account,
      apiId: api.apiId,
      domainName: new URL(api.endpoint).hostname,
      stage: api.stage.name,
      stageVariables: api.stage.variables,
      requestId: randomBytes(11).toString('base64'),
      traceId: `Root=1-${Math.floor(now / 1_000).toString(16)}-${randomBytes(12).toString('hex')}`,
      epochMilliseconds: now,
      port,
    }
  }
}

const refusals = {
  unidentified: gatewayAnswers.unauthorized,
  denied: gatewayAnswers.forbidden,
  broken: gatewayAnswers.failed,
} as const

function readable(incoming: Incoming, envelope: Envelope): RequestParts | undefined {
  try {
    return readRequest(incoming, envelope)
  } catch (error) {
    if (error instanceof URIError) return undefined
    throw error
  }
}

function send(response: ServerResponse, { status, headers, body }: Answer, requestId: string): void {
  if (response.headersSent || response.destroyed) return
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
  if (requestId !== '') response.setHeader('apigw-requestid', requestId)
  if (status !== 204 && status !== 304) response.setHeader('content-length', Buffer.byteLength(body))
  response.writeHead(status)
  response.end(body)
}
