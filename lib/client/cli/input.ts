import { addAbortSignal } from 'node:stream'
import type { Readable } from 'node:stream'
import { UsageError } from './usage.ts'

/** Everything that comes, unless it is too long. @throws UsageError, or the signal's reason */
export async function readInput(stream: Readable, most: number, signal: AbortSignal): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of addAbortSignal(signal, stream)) {
      chunks.push(chunk as Buffer)
      size += (chunk as Buffer).length
      if (size > most) throw new UsageError(`--stdin takes ${most} bytes at most`)
    }
  } catch (error) {
    signal.throwIfAborted()
    throw error
  }
  return Buffer.concat(chunks)
}
