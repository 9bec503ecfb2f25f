import type { Caller } from '../../domain/access.ts'
import type { Lease } from '../../domain/lease.ts'
import { isUsable } from '../../domain/lease.ts'
import type { Result } from '../../domain/refusals.ts'
import { ok, refuse } from '../../domain/refusals.ts'
import { ATTEMPTS, contended } from '../contention.ts'
import { heldLease, lost, notActive } from '../leases/find-lease.ts'
import type { Ports } from '../ports/ports.ts'
import type { Item } from '../ports/table.ts'
import { nextCommandOf } from '../store/conditions/command.ts'
import { notThereYet } from '../store/conditions/any-item.ts'
import { keepKey } from '../store/key-record.ts'
import { commandKey, idempotencyKey, leaseKey } from '../store/keys.ts'
import { collectableAt } from '../store/lease-item.ts'
import type { Command } from './command.ts'
import { commandItem, commandOf } from './command.ts'

export interface CommandDemand {
  readonly argv: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  readonly timeoutSeconds: number
  /** Not there: where the lease's commands run unless they are told otherwise. */
  readonly directory?: string | undefined
}

/** A command lives in one item, and items end at 400 KB. */
const MOST_TEXT = 250_000
const MOST_COMMANDS = 9_999

/** Records the command and starts its execution; the same key gives the same command again. */
export async function runCommand(
  ports: Pick<Ports, 'table' | 'chance' | 'clock' | 'executions' | 'journal'>,
  caller: Caller,
  leaseId: string,
  demand: CommandDemand,
  key: { readonly hash: string; readonly requestHash: string },
): Promise<Result<Command>> {
  if (textOf(demand) > MOST_TEXT)
    return refuse('too_large', `Arguments and environment are over ${MOST_TEXT} bytes.`)
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const found = await heldLease(ports, caller, leaseId)
    if (!found.ok) return found
    const lease = found.value
    const now = ports.clock.now()
    if (lease.status === 'pending' || lease.status === 'acquired') return notActive(lease)
    if (!isUsable(lease, now)) {
      const before = await ports.table.get(idempotencyKey(caller.principal, key.hash))
      return before ? replay(ports, leaseId, before, key.requestHash) : lost(lease)
    }
    const number = lease.commands + 1
    if (number > MOST_COMMANDS) return refuse('impossible', `A lease runs at most ${MOST_COMMANDS} commands.`)
    const command = record(
      leaseId,
      number,
      lease.epoch,
      { ...demand, directory: placeIn(lease, demand.directory) },
      now,
    )
    const outcome = await ports.table.transact(ports.chance.opaque(), [
      keepKey({ ...key, owner: caller.principal }, { lease: leaseId, command: number }, now),
      {
        kind: 'update',
        key: leaseKey(leaseId),
        set: { commands: number },
        when: nextCommandOf(now, lease.commands),
      },
      { kind: 'put', item: commandItem(command, collectableAt(now)), when: notThereYet },
    ])
    if (outcome.committed) {
      await ports.executions.ensureCommand(leaseId, number)
      return ok(command)
    }
    const before = outcome.lost.find((one) => one.condition === 'key_not_used')?.item
    if (before) return replay(ports, leaseId, before, key.requestHash)
  }
  throw contended(`starting a command of lease ${leaseId}`)
}

async function replay(
  ports: Pick<Ports, 'table' | 'executions' | 'journal'>,
  leaseId: string,
  before: Item,
  requestHash: string,
): Promise<Result<Command>> {
  const number = Number(before['command'])
  if (before['requestHash'] !== requestHash || before['lease'] !== leaseId || !Number.isInteger(number)) {
    return refuse('key_reused', 'This Idempotency-Key came with another request before.', { leaseId })
  }
  const item = await ports.table.get(commandKey(leaseId, number))
  if (!item) return refuse('not_found', `There is no command ${number}.`, { leaseId })
  const command = commandOf(item)
  if (command.status !== 'ended') await ports.executions.ensureCommand(leaseId, number)
  return ok(command)
}

const record = (
  leaseId: string,
  number: number,
  epoch: number,
  demand: CommandDemand & { readonly directory: string },
  now: number,
): Command => ({
  leaseId,
  number,
  epoch,
  ...demand,
  environmentNames: Object.keys(demand.environment).toSorted(),
  status: 'starting',
  cancel: false,
  stdoutBytes: 0,
  stderrBytes: 0,
  createdAt: now,
})

/** In a collection the default repository; its top is `.`. */
const placeIn = ({ checkout }: Lease, directory?: string): string => directory ?? checkout?.directory ?? '.'

const utf8 = new TextEncoder()

const textOf = (demand: CommandDemand): number =>
  [...demand.argv, ...Object.entries(demand.environment).flat(), demand.directory ?? ''].reduce(
    (sum, text) => sum + utf8.encode(text).length,
    0,
  )
