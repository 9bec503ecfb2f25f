import type { Streams } from '../../domain/output-limit.ts'
import type { Item, Value } from '../ports/table.ts'
import { commandKey } from '../store/keys.ts'

/** One process tree run through a lease, as it is recorded. Times in epoch milliseconds. */
export interface Command {
  readonly leaseId: string
  readonly number: number
  readonly epoch: number
  readonly argv: readonly string[]
  /** Values are kept only until the command has ended. */
  readonly environment?: Readonly<Record<string, string>>
  readonly environmentNames: readonly string[]
  /** Encrypted, and kept only until the command has ended. */
  readonly secrets?: Uint8Array
  readonly secretNames: readonly string[]
  /** Items that hold what it reads from its standard input; there until it has ended. */
  readonly inputParts: number
  readonly timeoutSeconds: number
  readonly directory: string
  readonly status: 'starting' | 'running' | 'ended'
  readonly cancel: boolean
  /** How far each stream was kept, or left out. */
  readonly stdoutBytes: number
  readonly stderrBytes: number
  /** Bytes of output that are kept. */
  readonly outputLimit: number
  /** Once it has ended with more output than that: where the kept ends of the streams begin. */
  readonly tail?: Streams
  readonly omitted?: Streams
  readonly createdAt: number
  readonly startedAt?: number
  readonly endedAt?: number
  readonly cause?: CommandCause
  readonly exitCode?: number
  readonly detail?: string
}

export type CommandCause = 'exited' | 'timeout' | 'cancelled' | 'lost' | 'lease_lost' | 'refused'

export function commandItem(command: Command, ttl: number): Item {
  const fields = Object.entries(command).filter((entry): entry is [string, Value] => entry[1] !== undefined)
  return { ...commandKey(command.leaseId, command.number), ...Object.fromEntries(fields), ttl }
}

export function commandOf(item: Item): Command {
  const { PK: _, SK: _sk, ttl: _ttl, ...rest } = item
  return rest as unknown as Command
}

/** What a sealed value may be opened as: it is no other command's. */
export const secretsPlace = (leaseId: string, number: number): string => `${leaseId}/${number}/secretEnv`
