import type { Streams } from '../../domain/output-limit.ts'
import { total } from '../../domain/output-limit.ts'
import type { Ports } from '../ports/ports.ts'
import type { Value, Write } from '../ports/table.ts'
import { notThereYet } from '../store/conditions/any-item.ts'
import { outputAt } from '../store/conditions/command.ts'
import { commandKey, outputKey } from '../store/keys.ts'
import { collectableAt } from '../store/lease-item.ts'
import type { Command } from './command.ts'
import { inputRemoval } from './input.ts'

/** Bytes of output in one item, before compression. */
export const CHUNK = 65_536

export interface Output {
  readonly stdout: Uint8Array
  readonly stderr: Uint8Array
}

type Needs = Pick<Ports, 'table' | 'chance' | 'compression'>

/**
 * Appends what the host returned, and whatever else changed with it, as one transaction: two followers of one command
 * cannot write a byte twice. Answers the command as it is now, or undefined where another follower was faster.
 */
export async function storeOutput(
  ports: Needs,
  command: Command,
  output: Output,
  change: Partial<Command>,
): Promise<Command | undefined> {
  const start = command.stdoutBytes + command.stderrBytes
  const chunks = [
    ...cut(output.stdout, 'stdout', start),
    ...cut(output.stderr, 'stderr', start + output.stdout.length),
  ]
  const puts = chunks.map(({ stream, offset, bytes }) =>
    piece(command, offset, { stream, bytes: ports.compression.pack(bytes) }),
  )
  const grown = {
    stdoutBytes: command.stdoutBytes + output.stdout.length,
    stderrBytes: command.stderrBytes + output.stderr.length,
  }
  return append(ports, command, { ...change, ...grown }, puts)
}

/** Goes on where the kept end of each stream begins, and says how much was left out before it. */
export async function leaveOut(ports: Needs, command: Command, tail: Streams): Promise<Command | undefined> {
  const omitted = {
    stdout: tail.stdout - command.stdoutBytes,
    stderr: tail.stderr - command.stderrBytes,
  }
  const start = command.stdoutBytes + command.stderrBytes
  const gaps = (['stdout', 'stderr'] as const).flatMap((stream) =>
    omitted[stream] === 0
      ? []
      : [
          piece(command, stream === 'stdout' ? start : start + omitted.stdout, {
            stream,
            omitted: omitted[stream],
          }),
        ],
  )
  const change = { tail, stdoutBytes: tail.stdout, stderrBytes: tail.stderr }
  return append(ports, command, total(omitted) === 0 ? change : { ...change, omitted }, gaps)
}

const piece = (command: Command, offset: number, content: Readonly<Record<string, Value>>): Write => ({
  kind: 'put',
  item: {
    ...outputKey(command.leaseId, command.number, offset),
    ...content,
    offset,
    ttl: collectableAt(command.createdAt),
  },
  when: notThereYet,
})

async function append(
  ports: Needs,
  command: Command,
  change: Partial<Command>,
  pieces: readonly Write[],
): Promise<Command | undefined> {
  const ended = change.status === 'ended'
  const outcome = await ports.table.transact(ports.chance.opaque(), [
    {
      kind: 'update',
      key: commandKey(command.leaseId, command.number),
      set: change as Readonly<Record<string, Value>>,
      remove: ended ? ['environment', 'secrets'] : [],
      when: outputAt(command.stdoutBytes, command.stderrBytes),
    },
    ...pieces,
    ...(ended ? inputRemoval(command) : []),
  ])
  return outcome.committed ? { ...command, ...change } : undefined
}

function cut(bytes: Uint8Array, stream: 'stdout' | 'stderr', start: number) {
  const parts = Math.ceil(bytes.length / CHUNK)
  return Array.from({ length: parts }, (_, part) => ({
    stream,
    offset: start + part * CHUNK,
    bytes: bytes.subarray(part * CHUNK, (part + 1) * CHUNK),
  }))
}
