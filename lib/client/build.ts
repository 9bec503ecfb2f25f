import type { Build, BuildOutput } from '../contract/build.ts'
import type { Client } from './api.ts'
import type { FollowOptions, OutputPiece } from './follow.ts'
import { pieceOf } from './follow.ts'
import { jitter } from './retry.ts'

export interface BuildPiece extends OutputPiece {
  /** Number of the step that said it, from 1. */
  readonly step: number
}

const LONG_POLL_SECONDS = 20
const SOON = 1_000

/**
 * What a build's steps say, in order, as it comes; returns the build once it has ended. A build that is restarted
 * meanwhile is followed from the beginning of its new generation.
 */
export async function* followBuild(
  client: Client,
  id: string,
  options: FollowOptions = {},
): AsyncGenerator<BuildPiece, Build> {
  const { now, sleep, random } = client.clock
  let generation = 0
  for (let after = 0; ;) {
    const asked = now()
    const question = { id, after, wait: LONG_POLL_SECONDS }
    const { value: output, retryAfterMilliseconds } = await client.call('buildOutput', question, options)
    if (output.generation !== generation) {
      const first = generation === 0
      generation = output.generation
      if (!first) {
        after = 0
        continue
      }
    }
    yield* pieces(output, after)
    const idle = output.next <= after && now() - asked < SOON
    after = Math.max(after, output.next)
    if (output.ended) {
      const build = await client.getBuild({ id, wait: LONG_POLL_SECONDS }, options)
      if (build.status === 'ended' && build.generation === generation) return build
    }
    const pause = retryAfterMilliseconds ?? (idle && !output.ended ? jitter(1, random) : 0)
    if (pause > 0) await sleep(pause, options.signal)
  }
}

function* pieces(output: BuildOutput, after: number): Generator<BuildPiece> {
  for (const chunk of output.chunks) {
    const piece = pieceOf(chunk, after)
    if (piece) yield { step: chunk.step, ...piece }
  }
}
