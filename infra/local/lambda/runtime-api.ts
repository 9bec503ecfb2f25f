import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import { listenOnLoopback, readBody, sendJson } from './http.ts'

/** What a runtime does over its API; one per process, because the API has no other way to tell them apart. */
export type Runtime = {
  /** The runtime is ready for work; `reply` is its open question. */
  next(reply: ServerResponse): void
  /** Answers why not, when the response cannot be taken. */
  respond(requestId: string, payload: string): Refusal | undefined
  fail(requestId: string, error: string): Refusal | undefined
  failInit(error: string): void
}

export type Refusal = { readonly status: number; readonly errorType: string; readonly errorMessage: string }

const accepted = { status: 'OK' }

/** Serves the Lambda Runtime API (2018-06-01) to one process, on loopback. Answers with `host:port`. */
export async function serveRuntime(runtime: Runtime): Promise<{ address: string; close: () => void }> {
  const server = createServer({ keepAliveTimeout: 0, requestTimeout: 0 }, (request, response) => {
    answer(runtime, request, response).catch((error: unknown) => response.destroy(error as Error))
  })
  const port = await listenOnLoopback(server)
  const close = (): void => {
    server.close()
    server.closeAllConnections()
  }
  return { address: `127.0.0.1:${port}`, close }
}

async function answer(runtime: Runtime, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const [, action = '', id = '', verb = ''] =
    /^\/2018-06-01\/runtime\/(invocation|init)\/([^/]+)(?:\/(response|error))?$/.exec(request.url ?? '') ?? []
  const call = `${request.method} ${action} ${verb === '' ? id : verb}`
  if (call === 'GET invocation next') return runtime.next(response)
  const body = await readBody(request, Number.POSITIVE_INFINITY)
  if (call === 'POST invocation response') {
    // A runtime that streams says in a trailer that the function failed half way.
    const broken = trailerOf(request.trailers)
    return conclude(response, broken === undefined ? runtime.respond(id, body) : runtime.fail(id, broken))
  }
  if (call === 'POST invocation error') return conclude(response, runtime.fail(id, body))
  if (call === 'POST init error') {
    runtime.failInit(body)
    return sendJson(response, 202, accepted)
  }
  return sendJson(response, 404, { errorType: 'InvalidPath', errorMessage: `no ${call} here` })
}

function conclude(response: ServerResponse, refusal: Refusal | undefined): void {
  if (refusal === undefined) return sendJson(response, 202, accepted)
  const { status, ...why } = refusal
  return sendJson(response, status, why)
}

function trailerOf(trailers: IncomingHttpHeaders): string | undefined {
  const body = trailers['lambda-runtime-function-error-body']
  return typeof body === 'string' ? Buffer.from(body, 'base64').toString('utf8') : undefined
}
