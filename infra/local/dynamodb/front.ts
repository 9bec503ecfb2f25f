import { once } from 'node:events'
import {
  Agent,
  createServer,
  type IncomingMessage,
  request as httpRequest,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { capacityOf } from './capacity.ts'
import { answerOf } from './fault-answers.ts'
import type { Fault, Faults } from './faults.ts'

export type Front = { readonly endpoint: string; readonly close: () => Promise<void> }

type Relayed = { readonly status: number; readonly type: string; readonly text: string }

/**
 * A proxy on loopback in front of DynamoDB that counts requests and breaks those that meet a fault.
 * `delay` is how it waits for latency faults.
 */
export async function startFront(
  upstream: string,
  faults: Faults,
  delay: (milliseconds: number) => Promise<unknown> = sleep,
): Promise<Front> {
  const agent = new Agent({ keepAlive: true })
  const target = new URL(upstream)
  const server = createServer({ keepAliveTimeout: 60_000, requestTimeout: 0 }, (request, response) => {
    handle(request, response).catch(() => drop(request.socket))
  })

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const operation =
      String(request.headers['x-amz-target'] ?? '')
        .split('.')
        .at(-1) ?? ''
    const body = await read(request)
    const input = JSON.parse(body === '' ? '{}' : body) as Record<string, unknown>
    const fault = faults.meet(operation, input)
    faults.count(operation, { requests: 1 })
    const measured = faults.measureCapacity && takesCapacity.test(operation)
    const sent = measured ? JSON.stringify({ ReturnConsumedCapacity: 'TOTAL', ...input }) : body
    const relayed = await withFault(fault, operation, input, async () => relay(request, sent))
    if (fault !== undefined) faults.count(operation, { faults: 1 })
    if (relayed === 'drop') return drop(request.socket)
    if (relayed === 'hang') return
    if (relayed.status === 200) faults.count(operation, capacityOf(operation, relayed.text))
    response.writeHead(relayed.status, {
      'Content-Type': relayed.type,
      'Content-Length': Buffer.byteLength(relayed.text),
    })
    response.end(relayed.text)
  }

  const withFault = async (
    fault: Fault | undefined,
    operation: string,
    input: Readonly<Record<string, unknown>>,
    pass: () => Promise<Relayed>,
  ): Promise<Relayed | 'drop' | 'hang'> => {
    if (fault === undefined) return await pass()
    if (fault.kind === 'delay') {
      await delay(fault.milliseconds)
      return await pass()
    }
    if (fault.kind === 'drop' || fault.kind === 'hang') {
      if (fault.committed) await pass()
      return fault.kind
    }
    const { status, body } = answerOf(fault, operation, input)
    return { status, type: 'application/x-amz-json-1.0', text: JSON.stringify(body) }
  }

  const relay = async (incoming: IncomingMessage, body: string): Promise<Relayed> => {
    const { host: _, 'content-length': __, connection: ___, ...headers } = incoming.headers
    const { promise, resolve, reject } = Promise.withResolvers<Relayed>()
    const length = { 'Content-Length': Buffer.byteLength(body) }
    const options = { agent, method: 'POST', headers: { ...headers, ...length } }
    const outgoing = httpRequest(target, options, (answer) => {
      read(answer).then(
        (text) => resolve({ status: answer.statusCode ?? 502, type: typeOf(answer), text }),
        reject,
      )
    })
    outgoing.on('error', reject)
    outgoing.end(body)
    return await promise
  }

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      agent.destroy()
      await closed
    },
  }
}

const takesCapacity = /^(Batch|Transact)?(Get|Put|Update|Delete|Write)Items?$|^(Query|Scan)$/

const typeOf = (answer: IncomingMessage): string =>
  answer.headers['content-type'] ?? 'application/x-amz-json-1.0'

/** A reset, not an orderly end: what a client sees when the other side has vanished. */
const drop = (socket: Socket): void => void socket.resetAndDestroy()

async function read(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of message as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}
