import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { EventQueue } from './events.ts'
import { BodyTooLarge, readBody, sendJson } from './http.ts'
import { type InvokeResult, payloadLimits } from './invocation.ts'
import type { Invoker } from './invoker.ts'

/** The Lambda service's Invoke (2015-03-31) over HTTP, for SDK clients. Answers with a server to listen with. */
export function createInvokeApi(invoker: Invoker, events: EventQueue): Server {
  return createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    answer(invoker, events, request, response).catch((error: unknown) => {
      if (error instanceof BodyTooLarge) return refuse(response, 413, 'RequestTooLargeException', tooLarge)
      return refuse(response, 500, 'ServiceException', String(error))
    })
  })
}

async function answer(
  invoker: Invoker,
  events: EventQueue,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://lambda')
  const [, encoded] = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/.exec(url.pathname) ?? []
  if (encoded === undefined || request.method !== 'POST') {
    return refuse(response, 404, 'UnknownOperationException', `${request.method} ${url.pathname}`)
  }
  const qualifier = url.searchParams.get('Qualifier')
  const name = decodeURIComponent(encoded) + (qualifier === null ? '' : `:${qualifier}`)
  const type = String(request.headers['x-amz-invocation-type'] ?? 'RequestResponse')
  const body = await readBody(request, type === 'Event' ? payloadLimits.event : payloadLimits.request)
  const payload = body === '' ? '{}' : body

  const wrong = notJson(payload)
  if (wrong !== undefined) return refuse(response, 400, 'InvalidRequestContentException', wrong)
  if (type === 'RequestResponse') return conclude(response, await invoker.invoke(name, payload))
  const definition = invoker.find(name)
  if (definition === undefined) return conclude(response, await invoker.invoke(name, payload))
  if (type === 'DryRun') return void response.writeHead(204).end()
  if (type === 'Event') {
    const requestId = events.accept(definition, payload)
    return void response.writeHead(202, { 'x-amzn-RequestId': requestId, 'Content-Length': 0 }).end()
  }
  return refuse(response, 400, 'InvalidParameterValueException', `no invocation type ${type}`)
}

function conclude(response: ServerResponse, result: InvokeResult): void {
  if (!result.ok && result.origin === 'service') {
    const status = serviceStatus[result.errorType] ?? 500
    response.writeHead(status, { 'x-amzn-ErrorType': result.errorType, 'Content-Type': 'application/json' })
    response.end(result.payload)
    return
  }
  response.writeHead(200, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(result.payload),
    'X-Amz-Executed-Version': '$LATEST',
    ...(!result.ok && { 'X-Amz-Function-Error': 'Unhandled' }),
  })
  response.end(result.payload)
}

const serviceStatus: Readonly<Record<string, number>> = {
  ResourceNotFoundException: 404,
  TooManyRequestsException: 429,
}

const tooLarge = `Request must be smaller than ${payloadLimits.request} bytes for the InvokeFunction operation`

function refuse(response: ServerResponse, status: number, errorType: string, message: string): void {
  sendJson(response, status, { Type: 'User', Message: message, message }, { 'x-amzn-ErrorType': errorType })
}

function notJson(payload: string): string | undefined {
  try {
    JSON.parse(payload)
    return undefined
  } catch (error) {
    return `Could not parse request body into json: ${(error as Error).message}`
  }
}
