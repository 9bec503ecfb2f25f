import type { Caller } from '../../domain/access.ts'
import type { ActiveLease, Lease } from '../../domain/lease.ts'
import { isUsable } from '../../domain/lease.ts'
import type { Result } from '../../domain/refusals.ts'
import { ok, refuse } from '../../domain/refusals.ts'
import { ATTEMPTS, contended } from '../contention.ts'
import { heldLease, lost, notActive } from '../leases/find-lease.ts'
import { MOST_OUTPUT } from '../../domain/output-limit.ts'
import type { Ports } from '../ports/ports.ts'
import type { Item } from '../ports/table.ts'
import { nextCommandOf } from '../store/conditions/command.ts'
import { notThereYet } from '../store/conditions/any-item.ts'
import { keepKey } from '../store/key-record.ts'
import { commandKey, idempotencyKey, leaseKey } from '../store/keys.ts'
import { collectableAt } from '../store/lease-item.ts'
import type { Command } from './command.ts'
import { commandItem, commandOf, secretsPlace } from './command.ts'
import { inputPartsOf, inputWrites } from './input.ts'
import { judgeCommand } from './judge-command.ts'
import type { CommandDemand, JudgedCommand } from './judge-command.ts'

export type { CommandDemand }

const MOST_COMMANDS = 9_999

/** Only a command with secrets needs the vault, only one with input the compression. */
type Needs = Pick<Ports, 'table' | 'chance' | 'clock' | 'executions' | 'journal'> &
  Partial<Pick<Ports, 'vault' | 'compression'>>

/** Records the command and starts its execution; the same key gives the same command again. */
export async function runCommand(
  ports: Needs,
  caller: Caller,
  leaseId: string,
  demand: CommandDemand,
  key: { readonly hash: string; readonly requestHash: string },
): Promise<Result<Command>> {
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
    const judged = judgeCommand({ ...demand, directory: placeIn(lease, demand.directory) }, lease.maxHold)
    if (!judged.ok) return judged
    const command = await record(ports, lease, number, judged.value, now)
    const outcome = await ports.table.transact(ports.chance.opaque(), [
      keepKey({ ...key, owner: caller.principal }, { lease: leaseId, command: number }, now),
      {
        kind: 'update',
        key: leaseKey(leaseId),
        set: { commands: number },
        when: nextCommandOf(now, lease.commands),
      },
      { kind: 'put', item: commandItem(command, collectableAt(now)), when: notThereYet },
      ...inputWrites(ports, command, demand.input),
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

async function record(
  { vault }: Pick<Needs, 'vault'>,
  lease: ActiveLease,
  number: number,
  demand: JudgedCommand,
  now: number,
): Promise<Command> {
  const { argv, environment, secretEnvironment = {}, input, timeoutSeconds, directory } = demand
  const secretNames = Object.keys(secretEnvironment).toSorted()
  const place = secretsPlace(lease.id, number)
  if (secretNames.length > 0 && !vault) throw new Error('whoever runs this has no vault for its secrets')
  return {
    leaseId: lease.id,
    number,
    epoch: lease.epoch,
    argv,
    environment,
    environmentNames: Object.keys(environment).toSorted(),
    ...(secretNames.length === 0 || !vault
      ? {}
      : { secrets: await vault.seal(JSON.stringify(secretEnvironment), place) }),
    secretNames,
    inputParts: inputPartsOf(input),
    timeoutSeconds,
    directory,
    status: 'starting',
    cancel: false,
    stdoutBytes: 0,
    stderrBytes: 0,
    outputLimit: lease.output ?? MOST_OUTPUT,
    createdAt: now,
  }
}

/** In a collection the default repository; its top is `.`. */
const placeIn = ({ checkout }: Lease, directory?: string): string => directory ?? checkout?.directory ?? '.'
