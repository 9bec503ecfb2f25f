import type { Command as StoredCommand } from '../../app/commands/command.ts'
import type { OutputPage } from '../../app/commands/read-command.ts'
import type { Command, Output } from '../../contract/command.ts'
import { given } from './given.ts'
import { iso } from './instant.ts'

/** Of the environment only the names: its values may be secrets. */
export const presentCommand = (command: StoredCommand): Command => ({
  leaseId: command.leaseId,
  number: command.number,
  argv: [...command.argv],
  environment: [...command.environmentNames],
  timeoutSeconds: command.timeoutSeconds,
  directory: command.directory,
  status: command.status,
  createdAt: iso(command.createdAt),
  outputBytes: command.stdoutBytes + command.stderrBytes,
  ...given({
    cause: command.cause,
    exitCode: command.exitCode,
    detail: command.detail,
    startedAt: command.startedAt === undefined ? undefined : iso(command.startedAt),
    endedAt: command.endedAt === undefined ? undefined : iso(command.endedAt),
  }),
})

export const presentOutput = (page: OutputPage): Output => ({
  chunks: page.chunks.map(({ offset, stream, bytes }) => ({
    offset,
    stream,
    base64: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64'),
  })),
  next: page.next,
  ended: page.ended,
  ...given({ exitCode: page.exitCode, cause: page.cause }),
})
