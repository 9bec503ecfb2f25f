import type { Caller } from '../../domain/access.ts'
import type { Result } from '../../domain/refusals.ts'
import { ok, refuse } from '../../domain/refusals.ts'
import { heldLease, readableLease } from '../leases/find-lease.ts'
import type { Ports } from '../ports/ports.ts'
import { commandNotEnded } from '../store/conditions/command.ts'
import { commandKey, outputKey } from '../store/keys.ts'
import type { Command } from './command.ts'
import { commandOf } from './command.ts'

/** Short commands are the many: their end is noticed late by some percent of the time that they took. */
const POLL = { first: 4, growth: 1.15, longest: 400 } as const

/** The command; with time to wait, as soon as it has ended or when the time is up. */
export async function awaitCommand(
  ports: Pick<Ports, 'table' | 'clock'>,
  caller: Caller,
  leaseId: string,
  number: number,
  milliseconds: number,
): Promise<Result<Command>> {
  const readable = await readableLease(ports, caller, leaseId)
  if (!readable.ok) return readable
  return poll(
    ports,
    milliseconds,
    () => readCommand(ports, leaseId, number),
    (command) => command.status === 'ended',
  )
}

/** Bytes of one stream, or how many were left out there. Offsets count both. */
export type Chunk = { readonly offset: number; readonly stream: 'stdout' | 'stderr' } & (
  | { readonly bytes: Uint8Array }
  | { readonly omitted: number }
)

export interface OutputPage {
  readonly chunks: readonly Chunk[]
  readonly next: number
  readonly ended: boolean
  readonly exitCode?: number
  readonly cause?: string
}

/** Chunks of one answer; 16 x 64 KB stay well below what a response may hold. */
const MOST_CHUNKS = 16

/** Output from a byte offset on; with time to wait, as soon as there is some or the command has ended. */
export async function awaitOutput(
  ports: Pick<Ports, 'table' | 'clock' | 'compression'>,
  caller: Caller,
  leaseId: string,
  number: number,
  after: number,
  milliseconds: number,
): Promise<Result<OutputPage>> {
  const readable = await readableLease(ports, caller, leaseId)
  if (!readable.ok) return readable
  const page = async (): Promise<Result<OutputPage>> => {
    const command = await readCommand(ports, leaseId, number)
    if (!command.ok) return command
    const { stdoutBytes, stderrBytes, status, exitCode, cause } = command.value
    const total = stdoutBytes + stderrBytes
    if (after > total) {
      return refuse('beyond_end', `There are ${total} bytes of output.`, { leaseId, hints: { bytes: total } })
    }
    const chunks = after < total ? await readChunks(ports, leaseId, number, after) : []
    const last = chunks.at(-1)
    const next = last ? last.offset + lengthOf(last) : after
    const ended = status === 'ended' && next >= total
    return ok({
      chunks,
      next,
      ended,
      ...(ended && exitCode !== undefined ? { exitCode } : {}),
      ...(ended && cause !== undefined ? { cause } : {}),
    })
  }
  return poll(ports, milliseconds, page, (value) => value.ended || value.chunks.length > 0)
}

/** Asks for the command's end; whoever follows it sees the wish and tells the host. */
export async function cancelCommand(
  ports: Pick<Ports, 'table'>,
  caller: Caller,
  leaseId: string,
  number: number,
): Promise<Result<Command>> {
  const held = await heldLease(ports, caller, leaseId)
  if (!held.ok) return held
  const found = await readCommand(ports, leaseId, number)
  // Whoever asks again, because an answer was lost, is told how it ended; whoever comes too late, that it did.
  if (!found.ok || found.value.cancel) return found
  if (found.value.status === 'ended') return alreadyEnded(found.value)
  const asked = await ports.table.write({
    kind: 'update',
    key: commandKey(leaseId, number),
    set: { cancel: true },
    when: commandNotEnded,
  })
  const now = await readCommand(ports, leaseId, number)
  return now.ok && !asked.committed && !now.value.cancel ? alreadyEnded(now.value) : now
}

const alreadyEnded = ({ leaseId, number, cause }: Command) =>
  refuse('already_ended', `Command ${number} has ended: ${cause}.`, { leaseId })

async function readCommand(
  ports: Pick<Ports, 'table'>,
  leaseId: string,
  number: number,
): Promise<Result<Command>> {
  const item = await ports.table.get(commandKey(leaseId, number))
  return item ? ok(commandOf(item)) : refuse('not_found', `There is no command ${number}.`, { leaseId })
}

async function readChunks(
  ports: Pick<Ports, 'table' | 'compression'>,
  leaseId: string,
  number: number,
  after: number,
): Promise<OutputPage['chunks']> {
  // Chunks are as small as what came at once: the one that holds this byte is the last that begins at or before it.
  const { PK, SK: here } = outputKey(leaseId, number, after)
  const { SK: first } = outputKey(leaseId, number, 0)
  const { SK: to } = outputKey(leaseId, number, Number.MAX_SAFE_INTEGER)
  const [begun] = await ports.table.query({ PK, from: first, to: here, limit: 1, backwards: true })
  const items = await ports.table.query({ PK, from: begun?.SK ?? here, to: `${to}~`, limit: MOST_CHUNKS + 1 })
  return items.flatMap((item): Chunk[] => {
    const offset = Number(item['offset'])
    const known = Math.max(0, after - offset)
    const stream = item['stream'] === 'stderr' ? 'stderr' : 'stdout'
    const omitted = Number(item['omitted'] ?? 0)
    if (omitted > 0)
      return known >= omitted ? [] : [{ offset: offset + known, stream, omitted: omitted - known }]
    const bytes = ports.compression.unpack(item['bytes'] as Uint8Array)
    return known >= bytes.length ? [] : [{ offset: offset + known, stream, bytes: bytes.subarray(known) }]
  })
}

const lengthOf = (chunk: Chunk): number => ('bytes' in chunk ? chunk.bytes.length : chunk.omitted)

async function poll<T>(
  ports: Pick<Ports, 'clock'>,
  milliseconds: number,
  read: () => Promise<Result<T>>,
  enough: (value: T) => boolean,
): Promise<Result<T>> {
  const until = ports.clock.now() + milliseconds
  for (let pause: number = POLL.first; ; pause = Math.min(pause * POLL.growth, POLL.longest)) {
    const found = await read()
    const left = until - ports.clock.now()
    if (!found.ok || left <= 0 || enough(found.value)) return found
    await ports.clock.sleep(Math.min(pause, left))
  }
}
