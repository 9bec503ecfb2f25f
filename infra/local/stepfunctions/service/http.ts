import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ServiceError } from './error.ts'
import type { Operations } from './machines.ts'

export interface HttpService {
  readonly endpoint: string
  /** Refuses new requests, waits for `drain`, lets the answers out, then closes. */
  close(drain: () => Promise<void>): Promise<void>
}

interface Answer {
  readonly status: number
  readonly body: object
}

const targetPrefix = 'AWSStepFunctions.'
const bodyLimit = 2 ** 20

/** AWS JSON 1.0 on the loopback address. */
export async function serveHttp(operations: Operations, port: number): Promise<HttpService> {
  let closing = false
  const underWay = new Set<Promise<void>>()
  const server = createServer((request, response) => {
    const handled = handle(request, response).finally(() => underWay.delete(handled))
    underWay.add(handled)
  })

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { status, body } = closing ? unavailable : await answer(operations, request)
    response.writeHead(status, {
      'content-type': 'application/x-amz-json-1.0',
      'x-amzn-requestid': randomUUID(),
      ...(closing && { connection: 'close' }),
    })
    response.end(JSON.stringify(body))
  }

  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const { port: bound } = server.address() as AddressInfo
  return {
    endpoint: `http://127.0.0.1:${bound}`,
    close: async (drain) => {
      closing = true
      const closed = once(server, 'close')
      server.close()
      await drain()
      await Promise.all(underWay)
      server.closeAllConnections()
      await closed
    },
  }
}

const unavailable: Answer = {
  status: 503,
  body: { __type: 'ServiceUnavailable', message: 'The service is shutting down.' },
}

async function answer(operations: Operations, request: IncomingMessage): Promise<Answer> {
  try {
    const name = String(request.headers['x-amz-target'] ?? '')
    const operation = name.startsWith(targetPrefix) ? operations[name.slice(targetPrefix.length)] : undefined
    const body = await readJson(request)
    if (!operation) throw new ServiceError('UnknownOperationException', `Unknown operation: ${name}`)
    return { status: 200, body: await operation(body) }
  } catch (error) {
    if (error instanceof ServiceError) {
      return { status: 400, body: { __type: error.code, message: error.message } }
    }
    return { status: 500, body: { __type: 'InternalFailure', message: String(error) } }
  }
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > bodyLimit) throw new ServiceError('RequestEntityTooLarge', `More than ${bodyLimit} bytes.`)
    chunks.push(chunk)
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString())
  } catch {
    throw new ServiceError('SerializationException', 'The body is not JSON.')
  }
}
