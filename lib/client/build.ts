import type { Build, BuildOutput } from '../contract/build.ts'
import type { Client } from './api.ts'
import { ProblemError } from './errors.ts'
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
    const answered = await client.call('buildOutput', question, options).catch((error: unknown) => {
      if (isOfAnother(generation, error)) return undefined
      throw error
    })
    if (!answered) {
      after = 0
      continue
    }
    const { value: output, retryAfterMilliseconds } = answered
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

/** The build was begun anew, and its new generation has not said as much yet as the one that was followed. */
const isOfAnother = (generation: number, error: unknown): boolean =>
  error instanceof ProblemError &&
  error.code === 'beyond_end' &&
  error.hints?.['generation'] !== undefined &&
  error.hints['generation'] !== generation

function* pieces(output: BuildOutput, after: number): Generator<BuildPiece> {
  for (const chunk of output.chunks) {
    const piece = pieceOf(chunk, after)
    if (piece) yield { step: chunk.step, ...piece }
  }
}
