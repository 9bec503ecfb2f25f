import type { Lease } from '../../domain/lease.ts'
import { isUsable } from '../../domain/lease.ts'
import type { HostAnswer } from '../ports/hosts.ts'
import type { Ports } from '../ports/ports.ts'
import { commandKey, hostKey, leaseKey, slotKey } from '../store/keys.ts'
import { leaseOf } from '../store/lease-item.ts'
import { tellOwner } from '../lifecycle/tell-work.ts'
import { hostOf, slotOf } from '../store/slot-item.ts'
import type { Command } from './command.ts'
import { commandOf } from './command.ts'
import type { Place } from './look.ts'
import { look } from './look.ts'
import type { Reader } from './reader.ts'
import { createReader } from './reader.ts'
import { storeOutput } from './store-output.ts'

type Needs = Pick<
  Ports,
  'table' | 'chance' | 'clock' | 'hosts' | 'executions' | 'compression' | 'vault' | 'journal'
>

const NOTHING = { stdout: new Uint8Array(), stderr: new Uint8Array() }

/**
 * A host that cannot be reached is asked again soon, as it may only have dropped a connection. After a minute the execution
 * waits instead: that costs nothing, and keeps its history short. Milliseconds, but for the pause of the execution.
 */
const TROUBLE = { first: 100, growth: 1.5, longest: 5_000, total: 60_000, pauseSeconds: 30 } as const

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
  let reader: Reader | undefined
  let nap: number = TROUBLE.first
  let troubleSince: number | undefined
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
    reader ??= await createReader(ports, command)
    const looked = await look(ports, command, place, reader)
    if (looked === 'ended') {
      await tellOwner(ports, lease)
      return { route: 'DONE' }
    }
    if (looked === 'more') {
      nap = TROUBLE.first
      troubleSince = undefined
      continue
    }
    if (await afterTrouble(ports, command, looked)) {
      await tellOwner(ports, lease)
      return { route: 'DONE' }
    }
    const now = ports.clock.now()
    troubleSince ??= now
    if (now - troubleSince >= TROUBLE.total) return { route: 'AGAIN', seconds: TROUBLE.pauseSeconds }
    await ports.clock.sleep(Math.max(0, Math.min(nap, until - now)))
    nap = Math.min(nap * TROUBLE.growth, TROUBLE.longest)
  }
  return { route: 'AGAIN', seconds: 0 }
}

/** Where the command runs: only while its lease is usable, in the very holding that it was asked in. */
async function placeOf(ports: Needs, lease: Lease, command: Command): Promise<Place | undefined> {
  if (!isUsable(lease, ports.clock.now()) || lease.epoch !== command.epoch) return undefined
  const { host, number } = lease.slot
  const [hostItem, slotItem] = await ports.table.getAll([hostKey(host), slotKey(host, number)])
  const nonce = slotItem && slotOf(slotItem).nonce
  if (!hostItem || !nonce) return undefined
  return { host: hostOf(hostItem), ref: { slot: number, nonce, epoch: lease.epoch } }
}

/** The host's fence ends the command; the caller's own fault is told; anything else is tried again. */
async function afterTrouble(
  ports: Needs,
  command: Command,
  answer: Exclude<HostAnswer<unknown>, { kind: 'done' }>,
): Promise<boolean> {
  if (answer.kind === 'refused' && answer.code !== 'opening') {
    await end(ports, command, { cause: 'lease_lost', detail: `the host refused it: ${answer.code}` })
    return true
  }
  if (answer.kind === 'failed' && answer.fault === 'request') {
    const cancelled = answer.code === 'unknown_command' && command.cancel && command.status === 'starting'
    await end(
      ports,
      command,
      cancelled
        ? { cause: 'cancelled', detail: 'it was cancelled before it started' }
        : { cause: 'refused', detail: `${answer.code}: ${answer.detail}` },
    )
    return true
  }
  ports.journal.warn('a command could not be followed', {
    leaseId: command.leaseId,
    number: command.number,
    answer,
  })
  return false
}

async function end(
  ports: Needs,
  command: Command,
  why: { readonly cause: 'lease_lost' | 'refused' | 'cancelled'; readonly detail: string },
): Promise<void> {
  await storeOutput(ports, command, NOTHING, { status: 'ended', ...why, endedAt: ports.clock.now() })
}
