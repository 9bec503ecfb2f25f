import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'

/** An answer of DynamoDB that is an error; `code` is its name without the namespace. */
export class DynamoDbError extends Error {
  override readonly name = 'DynamoDbError'
  readonly code: string

  constructor(code: string, message: string) {
    super(`${code}: ${message}`)
    this.code = code
  }
}

export type Answer = Readonly<Record<string, unknown>>

// The emulators want a well-formed signature and do not check it.
const credential = 'Credential=local/20260101/us-east-1/dynamodb/aws4_request'
const headers = {
  'Content-Type': 'application/x-amz-json-1.0',
  Authorization: `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=host, Signature=0`,
  'X-Amz-Date': '20260101T000000Z',
}

/**
 * One call of the DynamoDB API, unsigned: for emulators. The SDK would do the same after loading for 100 ms,
 * which is longer than the whole start. Rejects with `DynamoDbError`, or with the connection's error.
 */
export async function callDynamoDb(endpoint: string, operation: string, input: object): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  const send = endpoint.startsWith('https:') ? httpsRequest : httpRequest
  const target = { 'X-Amz-Target': `DynamoDB_20120810.${operation}` }
  const outgoing = send(endpoint, { method: 'POST', headers: { ...headers, ...target } }, (incoming) => {
    const chunks: Buffer[] = []
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
    incoming.on('error', reject)
    incoming.on('end', () => {
      const text = Buffer.concat(chunks).toString('utf8')
      if (incoming.statusCode === 200) resolve(JSON.parse(text) as Answer)
      else reject(errorOf(incoming.statusCode ?? 0, text))
    })
  })
  outgoing.on('error', reject)
  outgoing.end(JSON.stringify(input))
  return await promise
}

function errorOf(status: number, text: string): Error {
  try {
    const { __type = '', message, Message } = JSON.parse(text) as Record<string, string>
    return new DynamoDbError(__type.split('#').at(-1) ?? __type, message ?? Message ?? '')
  } catch {
    return new DynamoDbError(`HTTP ${status}`, text)
  }
}
