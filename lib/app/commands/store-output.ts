import type { FollowState } from '../ports/hosts.ts'
import type { Ports } from '../ports/ports.ts'
import type { Value, Write } from '../ports/table.ts'
import { notThereYet } from '../store/conditions/any-item.ts'
import { outputAt } from '../store/conditions/command.ts'
import { commandKey, outputKey } from '../store/keys.ts'
import { collectableAt } from '../store/lease-item.ts'
import type { Command } from './command.ts'

/** Bytes of output in one item, before compression. */
export const CHUNK = 65_536

/**
 * Appends what the host returned, and whatever else changed with it, as one transaction: two followers of one command
 * cannot write a byte twice. Answers the command as it is now, or undefined where another follower was faster.
 */
export async function storeOutput(
  ports: Pick<Ports, 'table' | 'chance' | 'compression'>,
  command: Command,
  output: Pick<FollowState, 'stdout' | 'stderr'>,
  change: Partial<Command>,
): Promise<Command | undefined> {
  const next: Command = {
    ...command,
    ...change,
    stdoutBytes: command.stdoutBytes + output.stdout.length,
    stderrBytes: command.stderrBytes + output.stderr.length,
  }
  const start = command.stdoutBytes + command.stderrBytes
  const chunks = [
    ...cut(output.stdout, 'stdout', start),
    ...cut(output.stderr, 'stderr', start + output.stdout.length),
  ]
  const ended = next.status === 'ended'
  const changed = change as Readonly<Record<string, Value>>
  const set = { ...changed, stdoutBytes: next.stdoutBytes, stderrBytes: next.stderrBytes }
  const outcome = await ports.table.transact(ports.chance.opaque(), [
    {
      kind: 'update',
      key: commandKey(command.leaseId, command.number),
      set,
      remove: ended ? ['environment'] : [],
      when: outputAt(command.stdoutBytes, command.stderrBytes),
    },
    ...chunks.map(({ stream, offset, bytes }): Write => ({
      kind: 'put',
      item: {
        ...outputKey(command.leaseId, command.number, offset),
        stream,
        offset,
        bytes: ports.compression.pack(bytes),
        ttl: collectableAt(command.createdAt),
      },
      when: notThereYet,
    })),
  ])
  return outcome.committed ? next : undefined
}

function cut(bytes: Uint8Array, stream: 'stdout' | 'stderr', start: number) {
  const parts = Math.ceil(bytes.length / CHUNK)
  return Array.from({ length: parts }, (_, part) => ({
    stream,
    offset: start + part * CHUNK,
    bytes: bytes.subarray(part * CHUNK, (part + 1) * CHUNK),
  }))
}
