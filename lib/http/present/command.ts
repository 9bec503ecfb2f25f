import type { Command as StoredCommand } from '../../app/commands/command.ts'
import type { Chunk, OutputPage } from '../../app/commands/read-command.ts'
import type { CommandDemand } from '../../app/commands/judge-command.ts'
import type { Command, commandRequest, Output } from '../../contract/command.ts'
import { total } from '../../domain/output-limit.ts'
import { given } from './given.ts'
import { iso } from './instant.ts'
import type { z } from 'zod'

type CommandRequest = z.output<typeof commandRequest>

/** Of the environment only the names: its values may be secrets. */
export const presentCommand = (command: StoredCommand): Command => ({
  leaseId: command.leaseId,
  number: command.number,
  argv: [...command.argv],
  environment: [...command.environmentNames],
  secretEnv: [...command.secretNames],
  timeoutSeconds: command.timeoutSeconds,
  directory: command.directory,
  status: command.status,
  createdAt: iso(command.createdAt),
  outputBytes: command.stdoutBytes + command.stderrBytes,
  ...given({
    omittedBytes: command.omitted && total(command.omitted),
    cause: command.cause,
    exitCode: command.exitCode,
    detail: command.detail,
    startedAt: command.startedAt === undefined ? undefined : iso(command.startedAt),
    endedAt: command.endedAt === undefined ? undefined : iso(command.endedAt),
  }),
})

/** What a request asks for. */
export function commandDemand({ secretEnv, stdin, timeoutSeconds, ...rest }: CommandRequest): CommandDemand {
  const input =
    stdin && Buffer.from('text' in stdin ? stdin.text : stdin.base64, 'text' in stdin ? 'utf8' : 'base64')
  return { ...rest, secretEnvironment: secretEnv, ...given({ input, timeoutSeconds }) }
}

const base64 = ({ buffer, byteOffset, byteLength }: Uint8Array): string =>
  Buffer.from(buffer, byteOffset, byteLength).toString('base64')

export function presentChunk(chunk: Chunk): Output['chunks'][number] {
  const { offset, stream } = chunk
  return 'bytes' in chunk
    ? { offset, stream, base64: base64(chunk.bytes) }
    : { offset, stream, omitted: chunk.omitted }
}

export const presentOutput = (page: OutputPage): Output => ({
  chunks: page.chunks.map(presentChunk),
  next: page.next,
  ended: page.ended,
  ...given({ exitCode: page.exitCode, cause: page.cause }),
})
