import { headOf, tailOf, total } from '../../domain/output-limit.ts'
import type { Host } from '../../domain/slot.ts'
import type { CommandEnd, FollowState, HostAnswer, Look, SlotRef } from '../ports/hosts.ts'
import type { Ports } from '../ports/ports.ts'
import type { Command } from './command.ts'
import { readInput } from './input.ts'
import type { Reader } from './reader.ts'
import { leaveOut, storeOutput } from './store-output.ts'

type Needs = Pick<Ports, 'table' | 'chance' | 'clock' | 'hosts' | 'compression'>

export interface Place {
  readonly host: Host
  readonly ref: SlotRef
}

type Trouble = Exclude<HostAnswer<unknown>, { kind: 'done' }>

/** Bytes of both streams in one answer of the host: eight chunks. */
const MOST_BYTES = 524_288
/** One look at the host; a wish to cancel is seen between two of them. Seconds. */
const WAIT = 2

/** One look at the host: starts the command if need be, and stores what is new. */
export async function look(
  ports: Needs,
  command: Command,
  place: Place,
  reader: Reader,
): Promise<'ended' | 'more' | Trouble> {
  if (command.cancel) {
    const cancelled = await ports.hosts.cancel(place.host, place.ref, command.number)
    if (cancelled.kind !== 'done') return cancelled
  }
  reader.goTo(command)
  const seen = await see(ports, command, place, reader)
  if (seen.kind !== 'done') return seen
  const { end } = seen.value
  if (end && room(command, reader) === 0) {
    const kept = { stdout: command.stdoutBytes, stderr: command.stderrBytes }
    const sizes = { stdout: seen.value.stdoutSize, stderr: seen.value.stderrSize }
    await leaveOut(ports, command, tailOf(command.outputLimit, kept, sizes))
    return 'more'
  }
  const output = reader.take(seen.value, end !== undefined)
  const started: Partial<Command> =
    command.status === 'starting' ? { status: 'running', startedAt: end?.startedAt ?? ports.clock.now() } : {}
  if (end) {
    await storeOutput(ports, command, output, { ...started, ...endOf(end) })
    return 'ended'
  }
  const changed = Object.keys(started).length > 0 || output.stdout.length > 0 || output.stderr.length > 0
  if (changed) await storeOutput(ports, command, output, started)
  return 'more'
}

/** Bytes that may still come: beyond the limit's first half nothing is asked for until the command has ended. */
const room = (command: Command, reader: Reader): number =>
  command.tail
    ? MOST_BYTES
    : Math.max(0, Math.min(MOST_BYTES, headOf(command.outputLimit) - total(reader.offsets())))

async function see(
  ports: Needs,
  command: Command,
  { host, ref }: Place,
  reader: Reader,
): Promise<HostAnswer<FollowState>> {
  const { number } = command
  const how: Look = { maxBytes: room(command, reader), waitSeconds: WAIT }
  // After a cancel it is known to the host, started or not.
  if (command.status !== 'starting' || command.cancel) {
    const { stdout: stdoutOffset, stderr: stderrOffset } = reader.offsets()
    return ports.hosts.follow(host, ref, { ...how, number, stdoutOffset, stderrOffset })
  }
  const input = await readInput(ports, command)
  const request = {
    number,
    argv: command.argv,
    environment: { ...command.environment, DRYDOCK_LEASE_ID: command.leaseId },
    secretEnvironment: reader.secrets,
    timeoutSeconds: command.timeoutSeconds,
    directory: command.directory,
    keepBytes: headOf(command.outputLimit) + 1,
    ...(input ? { input } : {}),
  }
  return ports.hosts.perform(host, ref, request, how)
}

const endOf = (ended: CommandEnd): Partial<Command> => ({
  status: 'ended',
  cause: ended.cause,
  ...(ended.exitCode === null ? {} : { exitCode: ended.exitCode }),
  startedAt: ended.startedAt,
  endedAt: ended.endedAt,
})
