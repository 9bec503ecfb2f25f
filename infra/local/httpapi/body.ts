import type { IncomingMessage } from 'node:http'

/**
 * The whole body, or `too large` past the limit. What is too large is read to its end all the same:
 * a client that is still sending would see a reset instead of the answer.
 */
export async function readBody(request: IncomingMessage, limitBytes: number): Promise<Buffer | 'too large'> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size <= limitBytes) chunks.push(chunk)
    else chunks.length = 0
  }
  return size > limitBytes ? 'too large' : Buffer.concat(chunks)
}
