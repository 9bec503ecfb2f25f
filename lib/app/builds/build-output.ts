import type { Caller } from '../../domain/access.ts'
import type { Build, StepState } from '../../domain/build.ts'
import type { Result } from '../../domain/refusals.ts'
import { ok, refuse } from '../../domain/refusals.ts'
import type { Command } from '../commands/command.ts'
import { commandOf } from '../commands/command.ts'
import { awaitOutput } from '../commands/read-command.ts'
import type { OutputPage } from '../commands/read-command.ts'
import type { Ports } from '../ports/ports.ts'
import { commandKey } from '../store/keys.ts'
import { callerOf, readableBuild } from './build.ts'

/** The output of all steps in the order in which they ran, as one run of bytes. */
export interface BuildOutputPage {
  readonly chunks: readonly (OutputPage['chunks'][number] & { readonly step: number })[]
  readonly next: number
  /** The build runs no step any more, and nothing is left after `next`. */
  readonly ended: boolean
  /** Offsets count in one generation. */
  readonly generation: number
}

export interface OutputQuestion {
  readonly after: number
  /** Only this step's, whose offsets then count from its own beginning. From 1. */
  readonly step?: number
  readonly milliseconds: number
}

type Needs = Pick<Ports, 'table' | 'clock' | 'compression'>

/** Bytes in one answer; what a step has said beyond that comes with the next one. */
const MOST_BYTES = 1_048_576
/** As for a command: its first output is what somebody waits for. Milliseconds. */
const PACE = { first: 10, growth: 1.15, longest: 400 } as const

/** Output from an offset on; with time to wait, as soon as there is some or the last step has ended. */
export async function awaitBuildOutput(
  ports: Needs,
  caller: Caller,
  id: string,
  question: OutputQuestion,
): Promise<Result<BuildOutputPage>> {
  const until = ports.clock.now() + question.milliseconds
  for (let pause: number = PACE.first; ; pause = Math.min(pause * PACE.growth, PACE.longest)) {
    const found = await readableBuild(ports, caller, id)
    if (!found.ok) return found
    const page = await pageOf(ports, found.value.build, question)
    const left = until - ports.clock.now()
    if (!page.ok || left <= 0 || page.value.ended || page.value.chunks.length > 0) return page
    await ports.clock.sleep(Math.min(pause, left))
  }
}

async function pageOf(
  ports: Needs,
  build: Build,
  { after, step }: OutputQuestion,
): Promise<Result<BuildOutputPage>> {
  if (step !== undefined && step > build.steps.length) {
    return refuse('not_found', `The build has ${build.steps.length} steps.`)
  }
  const ran = build.states.flatMap((state, index) => {
    const number = commandOfState(state)
    return number === undefined || (step !== undefined && step !== index + 1)
      ? []
      : [{ step: index + 1, number }]
  })
  const items = await ports.table.getAll(ran.map(({ number }) => commandKey(build.leaseId, number)))
  const chunks: BuildOutputPage['chunks'][number][] = []
  let base = 0
  let next = after
  let bytes = 0
  let whole = true
  for (const [index, { step: of, number }] of ran.entries()) {
    const item = items[index]
    const command = item && commandOf(item)
    if (!command) continue
    const total = sizeOf(command)
    // A step begins where the one before has ended: while that one may say more nothing after it has a place.
    if (!whole) break
    if (next < base + total && bytes < MOST_BYTES) {
      const page = await awaitOutput(
        ports,
        callerOf(build),
        build.leaseId,
        number,
        Math.max(0, next - base),
        0,
      )
      if (!page.ok) return page
      for (const chunk of page.value.chunks) {
        chunks.push({ ...chunk, offset: base + chunk.offset, step: of })
        bytes += 'bytes' in chunk ? chunk.bytes.length : 0
      }
      next = Math.max(next, base + page.value.next)
    }
    whole = command.status === 'ended' && next >= base + total
    base += total
  }
  if (after > base) {
    // Offsets count in one generation: whoever brings one of another learns here which one it is now.
    const hints = { bytes: base, generation: build.generation }
    return refuse('beyond_end', `There are ${base} bytes of output in generation ${build.generation}.`, {
      hints,
    })
  }
  const over =
    step === undefined ? build.status === 'releasing' || build.status === 'ended' : isOver(build, step)
  return ok({ chunks, next, ended: over && whole, generation: build.generation })
}

const isOver = (build: Build, step: number): boolean => {
  const status = build.states[step - 1]?.status
  return status !== 'waiting' && status !== 'running'
}

const commandOfState = (state: StepState): number | undefined =>
  'command' in state ? state.command : undefined

const sizeOf = ({ stdoutBytes, stderrBytes }: Command): number => stdoutBytes + stderrBytes
