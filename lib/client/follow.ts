import type { Output } from '../contract/command.ts'
import type { Client } from './api.ts'
import { jitter } from './retry.ts'

export interface OutputPiece {
  readonly stream: 'stdout' | 'stderr'
  readonly bytes: Uint8Array
  /** So many bytes of the stream were left out here, and none came. */
  readonly omitted?: number
}

export interface CommandEnd {
  /** Undefined when the command never started or its supervisor died. */
  readonly exitCode: number | undefined
  /** `exited`, `timeout`, `cancelled`, `lost`, `lease_lost` or `refused`. */
  readonly cause: string | undefined
}

export interface FollowOptions {
  readonly token?: string | undefined
  readonly signal?: AbortSignal | undefined
  /** Attempts of each long poll after the first. */
  readonly retries?: number | undefined
  /** Byte offset in the whole output to begin at. */
  readonly after?: number | undefined
  /** Only what is there now. */
  readonly once?: boolean | undefined
}

const LONG_POLL_SECONDS = 20
const SOON = 1_000
const NOTHING = new Uint8Array()

/** A command's output in order, as it comes; returns how the command ended, as far as it is known. */
export async function* streamOutput(
  client: Client,
  leaseId: string,
  number: number,
  options: FollowOptions = {},
): AsyncGenerator<OutputPiece, CommandEnd> {
  const { now, sleep, random } = client.clock
  const wait = options.once ? 0 : LONG_POLL_SECONDS
  for (let after = options.after ?? 0; ;) {
    const asked = now()
    const { value: output, retryAfterMilliseconds } = await client.call(
      'commandOutput',
      { id: leaseId, number, after, wait },
      options,
    )
    yield* pieces(output, after)
    if (output.ended) return { exitCode: output.exitCode, cause: output.cause }
    if (options.once && output.next <= after) return { exitCode: undefined, cause: undefined }
    const idle = output.next <= after && now() - asked < SOON
    after = Math.max(after, output.next)
    const pause = retryAfterMilliseconds ?? (idle ? jitter(1, random) : 0)
    if (pause > 0) await sleep(pause, options.signal)
  }
}

function* pieces(output: Output, after: number): Generator<OutputPiece> {
  for (const chunk of output.chunks) {
    const piece = pieceOf(chunk, after)
    if (piece) yield piece
  }
}

/** A chunk may begin before the offset asked for; nothing is handed out twice. */
export function pieceOf(chunk: Output['chunks'][number], after: number): OutputPiece | undefined {
  const known = Math.max(0, after - chunk.offset)
  const { stream, base64, omitted = 0 } = chunk
  if (base64 === undefined)
    return omitted > known ? { stream, bytes: NOTHING, omitted: omitted - known } : undefined
  const bytes = Buffer.from(base64, 'base64').subarray(known)
  return bytes.length > 0 ? { stream, bytes } : undefined
}
