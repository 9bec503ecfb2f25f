import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import { buffer } from 'node:stream/consumers'

/** What happens to one request: it is answered here, its answer is lost, or it is never answered at all. */
export type Fault =
  | { readonly answer: { readonly status: number; readonly body: string } }
  | { readonly lose: 'request' | 'answer' }
  | { readonly silent: true }
  | 'pass'

export interface FaultProxy {
  readonly endpoint: string
  /** The next requests meet these, one each; after them everything passes. */
  plan(...faults: readonly Fault[]): void
  /** Drops what was planned and has not come about. */
  forget(): void
  close(): Promise<void>
}

/** An HTTP proxy in front of one endpoint, for the faults that no emulator produces. */
export async function startFaultProxy(target: string): Promise<FaultProxy> {
  const planned: Fault[] = []
  const server = createServer(
    (request, response) => void handle(request, response).catch(() => request.destroy()),
  )
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request)
    const fault = planned.shift() ?? 'pass'
    if (fault !== 'pass' && 'silent' in fault) return
    if (fault !== 'pass' && 'answer' in fault) return reply(response, fault.answer.status, fault.answer.body)
    if (fault !== 'pass' && fault.lose === 'request') return void request.destroy()
    const headers = request.headers as Record<string, string>
    const forwarded = Object.fromEntries(Object.entries(headers).filter(([name]) => !hopByHop.has(name)))
    const answer = await fetch(target, { method: 'POST', body: new Uint8Array(body), headers: forwarded })
    const text = await answer.text()
    if (fault === 'pass') reply(response, answer.status, text)
    else request.destroy()
  }

  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    plan: (...faults) => void planned.push(...faults),
    forget: () => void planned.splice(0),
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

const hopByHop = new Set(['connection', 'content-length', 'host', 'transfer-encoding', 'expect'])

function reply(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(body)
}

/** An answer as DynamoDB words its errors. */
export function refusal(type: string, status = 400, more: object = {}): Fault {
  const body = JSON.stringify({
    __type: `com.amazonaws.dynamodb.v20120810#${type}`,
    message: 'injected',
    ...more,
  })
  return { answer: { status, body } }
}

/** A cancelled transaction with one reason for each write. */
export function cancellation(...reasons: readonly (string | { Code: string; Item?: object })[]): Fault {
  const CancellationReasons = reasons.map((reason) =>
    typeof reason === 'string' ? { Code: reason } : reason,
  )
  return refusal('TransactionCanceledException', 400, { CancellationReasons })
}
