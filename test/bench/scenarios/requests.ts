import type { Client } from '../../../lib/client/api.ts'
import type { LeaseRequest } from '../../../lib/contract/lease.ts'
import { createFaults } from '../../../infra/local/dynamodb/faults.ts'
import { streamOutput } from '../../../lib/client/follow.ts'
import { MACHINES } from '../../../lib/contract/machines.ts'
import { openHistories } from '../histories.ts'
import { release, take, timelineOf } from '../leases.ts'
import type { Taken } from '../leases.ts'
import { figure } from '../measure.ts'
import type { Row } from '../measure.ts'
import type { Scenario } from '../scenario.ts'
import { settle } from '../settle.ts'
import { COPIES, LARGE, openWorld, POOL } from '../world.ts'
import type { World } from '../world.ts'

const LEASES = 10

/** What one lease cost: DynamoDB requests and units by operation, function calls by name, transitions. */
type Counted = Readonly<Record<string, number>>

export const requests: Scenario = {
  title: 'What one lease asks of the services',
  how: `Means over ${LEASES} leases, one after the other, from POST to destroyed, with what the client's long polls cost; counted by a front before DynamoDB (which reports its capacity units), by the Lambda stand-in, and in the executions' histories.`,
  run: async () => {
    const faults = createFaults({ measureCapacity: true })
    const calls = new Map<string, number>()
    const world = await openWorld({
      faults,
      onInvoke: (name) => calls.set(name, (calls.get(name) ?? 0) + 1),
    })
    try {
      const counters = {
        reset: () => {
          faults.resetCounts()
          calls.clear()
        },
        read: (): Counted => countedOf(faults.counts(), calls),
        swept: () => (calls.get('drydock-sweep') ?? 0) > 0,
      }
      const copy = { blueprint: COPIES, repository: LARGE, commit: world.commits.at(-1) ?? '' }
      return [
        ...(await costOf(world, 'host lease', counters, { blueprint: POOL }, [])),
        ...(await costOf(world, 'working copy with one command', counters, copy, ['true'])),
      ]
    } finally {
      await world.close()
    }
  },
}

interface Counters {
  reset(): void
  read(): Counted
  /** The sweep ran meanwhile: what it asked for is nobody's in particular. */
  swept(): boolean
}

async function costOf(
  world: World,
  what: string,
  counters: Counters,
  request: LeaseRequest,
  argv: readonly string[],
): Promise<readonly Row[]> {
  const { client } = world
  await live(client, request, argv)
  await settle(client)
  const sums = new Map<string, number>()
  const add = (name: string, value: number) => sums.set(name, (sums.get(name) ?? 0) + value / LEASES)
  const histories = openHistories(world)
  for (let lease = 0; lease < LEASES;) {
    counters.reset()
    const taken = await live(client, request, argv)
    const { arn } = taken.lease.execution
    await histories.ended(arn)
    const counted = counters.read()
    const swept = counters.swept()
    await settle(client)
    if (swept) continue
    lease += 1
    for (const [name, value] of Object.entries(counted)) add(name, value)
    add('timeline events', (await timelineOf(client, taken)).length)
    add('Step Functions transitions', await histories.transitions(arn))
    if (argv.length > 0) {
      const command = `${arn.replace(MACHINES.lease, MACHINES.command)}-1`
      add('Step Functions transitions of the command', await histories.transitions(command))
    }
  }
  histories.close()
  return [...sums]
    .toSorted(([a], [b]) => a.localeCompare(b))
    .map(([name, mean]) => figure(`${what}: ${name}`, mean, ''))
}

async function live(client: Client, request: LeaseRequest, argv: readonly string[]): Promise<Taken> {
  const taken = await take(client, request)
  const { lease, token } = taken
  if (argv.length > 0) {
    const { number } = await client.runCommand({ id: lease.id, body: { argv: [...argv] } }, { token })
    const output = streamOutput(client, lease.id, number, { token })
    while (!(await output.next()).done);
  }
  await release(client, taken)
  return taken
}

function countedOf(
  table: Readonly<
    Record<string, { readonly requests: number; readonly readUnits: number; readonly writeUnits: number }>
  >,
  calls: ReadonlyMap<string, number>,
): Counted {
  const counted: Record<string, number> = {}
  const add = (name: string, value: number) => (counted[name] = (counted[name] ?? 0) + value)
  for (const [operation, { requests, readUnits, writeUnits }] of Object.entries(table)) {
    add(`DynamoDB ${operation}`, requests)
    add('DynamoDB requests', requests)
    add('DynamoDB read units', readUnits)
    add('DynamoDB write units', writeUnits)
  }
  for (const [name, count] of calls) {
    add(`Lambda ${name.replace('drydock-', '')}`, count)
    add('Lambda calls', count)
  }
  return counted
}
