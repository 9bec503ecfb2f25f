import type { Lease } from '../../domain/lease.ts'
import { isUsable } from '../../domain/lease.ts'
import type { Host } from '../../domain/slot.ts'
import type { CommandEnd, HostAnswer, SlotRef } from '../ports/hosts.ts'
import type { Ports } from '../ports/ports.ts'
import { commandKey, hostKey, leaseKey, slotKey } from '../store/keys.ts'
import { leaseOf } from '../store/lease-item.ts'
import { tellOwner } from '../lifecycle/tell-work.ts'
import { hostOf, slotOf } from '../store/slot-item.ts'
import type { Command } from './command.ts'
import { commandOf } from './command.ts'
import { storeOutput } from './store-output.ts'

type Needs = Pick<Ports, 'table' | 'chance' | 'clock' | 'hosts' | 'executions' | 'compression' | 'journal'>

/** Bytes of each stream in one answer of the host: eight chunks. */
const MOST_BYTES = 524_288
/** One look at the host; a wish to cancel is seen between two of them. Seconds. */
const LOOK = 2
const NOTHING = { stdout: new Uint8Array(), stderr: new Uint8Array() }

/**
 * Starts the command on its host if need be and follows it for at most `milliseconds`: output goes to the table as it
 * comes, and the end is recorded. Any number of followers may be at work; each byte is stored once.
 */
export async function followCommand(
  ports: Needs,
  leaseId: string,
  number: number,
  milliseconds: number,
): Promise<{ readonly route: 'DONE' } | { readonly route: 'AGAIN'; readonly seconds: number }> {
  const until = ports.clock.now() + milliseconds
  while (ports.clock.now() < until) {
    const [commandItem, leaseItem] = await ports.table.getAll([
      commandKey(leaseId, number),
      leaseKey(leaseId),
    ])
    const command = commandItem && commandOf(commandItem)
    if (!command || !leaseItem) return { route: 'DONE' }
    const lease = leaseOf(leaseItem)
    // Looked at once more after its end: whoever recorded it tells of it, and so does whoever finds it recorded.
    if (command.status === 'ended') {
      await tellOwner(ports, lease)
      return { route: 'DONE' }
    }
    const place = await placeOf(ports, lease, command)
    if (!place) {
      await end(ports, command, { cause: 'lease_lost', detail: 'its lease ended before it did' })
      continue
    }
    const looked = await look(ports, command, place.host, place.ref)
    if (looked === 'ended') {
      await tellOwner(ports, lease)
      return { route: 'DONE' }
    }
    if (looked === 'trouble') return { route: 'AGAIN', seconds: 2 }
  }
  return { route: 'AGAIN', seconds: 0 }
}

/** Where the command runs: only while its lease is usable, in the very holding that it was asked in. */
async function placeOf(ports: Needs, lease: Lease, command: Command) {
  if (!isUsable(lease, ports.clock.now()) || lease.epoch !== command.epoch) return undefined
  const { host, number } = lease.slot
  const [hostItem, slotItem] = await ports.table.getAll([hostKey(host), slotKey(host, number)])
  const nonce = slotItem && slotOf(slotItem).nonce
  if (!hostItem || !nonce) return undefined
  return { host: hostOf(hostItem), ref: { slot: number, nonce, epoch: lease.epoch } }
}

type Looked = 'ended' | 'more' | 'trouble'

async function look(ports: Needs, command: Command, host: Host, ref: SlotRef): Promise<Looked> {
  if (command.status === 'starting' && command.cancel) {
    const cancelled = await ports.hosts.cancel(host, ref, command.number)
    if (cancelled.kind === 'failed' && cancelled.code === 'unknown_command') {
      await end(ports, command, { cause: 'cancelled', detail: 'it was cancelled before it started' })
      return 'ended'
    }
    if (cancelled.kind !== 'done') return afterTrouble(ports, command, cancelled)
  }
  if (command.status === 'starting') {
    const started = await ports.hosts.run(host, ref, {
      number: command.number,
      argv: command.argv,
      environment: { ...command.environment, DRYDOCK_LEASE_ID: command.leaseId },
      timeoutSeconds: command.timeoutSeconds,
      directory: command.directory,
    })
    if (started.kind !== 'done') return afterTrouble(ports, command, started)
  }
  if (command.cancel) {
    const cancelled = await ports.hosts.cancel(host, ref, command.number)
    if (cancelled.kind !== 'done') return afterTrouble(ports, command, cancelled)
  }
  const followed = await ports.hosts.follow(host, ref, {
    number: command.number,
    stdoutOffset: command.stdoutBytes,
    stderrOffset: command.stderrBytes,
    maxBytes: MOST_BYTES,
    waitSeconds: LOOK,
  })
  if (followed.kind !== 'done') return afterTrouble(ports, command, followed)
  const { end: ended, ...output } = followed.value
  const started: Partial<Command> =
    command.status === 'starting'
      ? { status: 'running', startedAt: ended?.startedAt ?? ports.clock.now() }
      : {}
  if (ended) {
    await storeOutput(ports, command, output, { ...started, ...endOf(ended) })
    return 'ended'
  }
  const changed = Object.keys(started).length > 0 || output.stdout.length > 0 || output.stderr.length > 0
  if (changed) await storeOutput(ports, command, output, started)
  return 'more'
}

const endOf = (ended: CommandEnd): Partial<Command> => ({
  status: 'ended',
  cause: ended.cause,
  ...(ended.exitCode === null ? {} : { exitCode: ended.exitCode }),
  startedAt: ended.startedAt,
  endedAt: ended.endedAt,
})

/** The host's fence ends the command; the caller's own fault is told; anything else is tried again. */
async function afterTrouble(
  ports: Needs,
  command: Command,
  answer: Exclude<HostAnswer<unknown>, { kind: 'done' }>,
): Promise<Looked> {
  if (answer.kind === 'refused' && answer.code !== 'opening') {
    await end(ports, command, { cause: 'lease_lost', detail: `the host refused it: ${answer.code}` })
    return 'ended'
  }
  if (answer.kind === 'failed' && answer.fault === 'request') {
    await end(ports, command, { cause: 'refused', detail: `${answer.code}: ${answer.detail}` })
    return 'ended'
  }
  ports.journal.warn('a command could not be followed', {
    leaseId: command.leaseId,
    number: command.number,
    answer,
  })
  return 'trouble'
}

async function end(
  ports: Needs,
  command: Command,
  why: { readonly cause: 'lease_lost' | 'refused' | 'cancelled'; readonly detail: string },
): Promise<void> {
  await storeOutput(ports, command, NOTHING, { status: 'ended', ...why, endedAt: ports.clock.now() })
}
