import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** An error of the service that its SDK client knows by name. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError'
  readonly code: string

  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}

export type Action = (input: Readonly<Record<string, unknown>>) => object

export interface JsonService {
  readonly endpoint: string
  close(): Promise<void>
}

/** Serves actions named by `X-Amz-Target: <prefix>.<Action>` on loopback, AWS JSON 1.1. */
export async function startJsonService(options: {
  readonly prefix: string
  readonly actions: Readonly<Record<string, Action>>
  readonly onLog: (line: string) => void
}): Promise<JsonService> {
  const server = createServer((request, response) => {
    answer(request).then(
      (body) => send(response, 200, body),
      (error: unknown) => {
        if (request.destroyed && !request.complete) return
        if (error instanceof ServiceError) {
          send(response, 400, { __type: error.code, message: error.message })
        } else {
          options.onLog(`${options.prefix}: ${String(error)}`)
          send(response, 500, { __type: 'InternalServerError', message: 'Internal error' })
        }
      },
    )
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    endpoint: `http://127.0.0.1:${port}`,
    close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeAllConnections()
      return closed
    },
  }

  async function answer(request: IncomingMessage): Promise<object> {
    const chunks: Buffer[] = []
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
    const [prefix, name = ''] = String(request.headers['x-amz-target'] ?? '').split('.')
    const action = prefix === options.prefix && Object.hasOwn(options.actions, name) && options.actions[name]
    if (!action) throw new ServiceError('UnknownOperationException', `no action ${prefix}.${name} here`)
    return action(parse(Buffer.concat(chunks).toString()))
  }
}

function parse(text: string): Readonly<Record<string, unknown>> {
  let input: unknown
  try {
    input = JSON.parse(text)
  } catch {
    throw new ServiceError('SerializationException', 'the body is no JSON')
  }
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    throw new ServiceError('SerializationException', 'the body is no JSON object')
  }
  return input as Readonly<Record<string, unknown>>
}

function send(response: ServerResponse, status: number, body: object): void {
  const text = JSON.stringify(body)
  response.writeHead(status, {
    'content-type': 'application/x-amz-json-1.1',
    'content-length': Buffer.byteLength(text),
    'x-amzn-requestid': randomUUID(),
  })
  response.end(text)
}
