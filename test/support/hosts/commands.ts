import type { CommandEnd, CommandRequest, FollowState, Look, SlotRef } from '../../../lib/app/ports/hosts.ts'
import { type OpenHosts, valueOf } from './open-hosts.ts'

/** Starts a command: number 1, ten seconds, no environment of its own, unless said otherwise. */
export async function startCommand(
  { hosts, target }: OpenHosts,
  slot: SlotRef,
  request: Partial<CommandRequest> & Pick<CommandRequest, 'argv'>,
): Promise<CommandRequest> {
  const command = { number: 1, environment: {}, timeoutSeconds: 60, directory: '', ...request }
  valueOf(await hosts.run(target, slot, command))
  return command
}

export interface Output {
  readonly stdout: Buffer
  readonly stderr: Buffer
  readonly end: CommandEnd
  /** What each call of `follow` returned, both streams together. */
  readonly slices: readonly Buffer[]
}

/** Follows a command to its end. */
export async function output(
  { hosts, target }: OpenHosts,
  slot: SlotRef,
  number: number,
  maxBytes = 1_000_000,
  begin?: (look: Look) => Promise<FollowState>,
): Promise<Output> {
  const streams = { stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) }
  const slices: Buffer[] = []
  const look = { maxBytes, waitSeconds: 20 }
  for (let first = begin; ; first = undefined) {
    const offsets = { stdoutOffset: streams.stdout.length, stderrOffset: streams.stderr.length }
    const seen = first
      ? await first(look)
      : valueOf(await hosts.follow(target, slot, { ...look, ...offsets, number }))
    streams.stdout = Buffer.concat([streams.stdout, seen.stdout])
    streams.stderr = Buffer.concat([streams.stderr, seen.stderr])
    slices.push(Buffer.concat([seen.stdout, seen.stderr]))
    if (seen.end) return { ...streams, end: seen.end, slices }
  }
}

/** Runs a shell script as command `number` and follows it to its end. */
export async function runScript(
  host: OpenHosts,
  slot: SlotRef,
  number: number,
  script: string,
): Promise<Output> {
  await startCommand(host, slot, { number, argv: ['sh', '-c', script] })
  return output(host, slot, number)
}
