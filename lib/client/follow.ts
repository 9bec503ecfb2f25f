import type { Output } from '../contract/command.ts'
import type { Client } from './api.ts'
import { jitter } from './retry.ts'

export interface OutputPiece {
  readonly stream: 'stdout' | 'stderr'
  readonly bytes: Uint8Array
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
}

const LONG_POLL_SECONDS = 20
const SOON = 1_000

/** A command's output from its first byte, in order, as it comes; returns how the command ended. */
export async function* streamOutput(
  client: Client,
  leaseId: string,
  number: number,
  options: FollowOptions = {},
): AsyncGenerator<OutputPiece, CommandEnd> {
  const { now, sleep, random } = client.clock
  for (let after = 0; ;) {
    const asked = now()
    const { value: output, retryAfterMilliseconds } = await client.call(
      'commandOutput',
      { id: leaseId, number, after, wait: LONG_POLL_SECONDS },
      options,
    )
    yield* pieces(output, after)
    if (output.ended) return { exitCode: output.exitCode, cause: output.cause }
    const idle = output.next <= after && now() - asked < SOON
    after = Math.max(after, output.next)
    const pause = retryAfterMilliseconds ?? (idle ? jitter(1, random) : 0)
    if (pause > 0) await sleep(pause, options.signal)
  }
}

/** A chunk may begin before the offset asked for; nothing is handed out twice. */
function* pieces(output: Output, after: number): Generator<OutputPiece> {
  for (const chunk of output.chunks) {
    const bytes = Buffer.from(chunk.base64, 'base64').subarray(Math.max(0, after - chunk.offset))
    if (bytes.length > 0) yield { stream: chunk.stream, bytes }
  }
}
