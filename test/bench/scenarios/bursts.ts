import { startDynamoDb } from '../../../infra/local/dynamodb/start.ts'
import { openTable } from '../../support/dynamodb.ts'
import { figure } from '../measure.ts'
import type { Row } from '../measure.ts'
import type { Grid } from '../report.ts'
import type { Scenario } from '../scenario.ts'
import { runBurst } from '../virtual/burst.ts'
import type { Burst, BurstOptions } from '../virtual/burst.ts'

const LEASES = [100, 1_000, 10_000]
const SLOTS = [4, 100, 1_000]
/** Mean seconds: all are served within a day, and nowhere more than some twenty slots are handed over in a second. */
const HOLDS: Readonly<Record<number, number>> = { 4: 10, 100: 10, 1_000: 60 }
const TENANTS = 10
/** Bursts that are also run over the local DynamoDB, where each call takes real time. */
const STORED = [100, 1_000]

export const bursts: Scenario = {
  title: 'Bursts: what each of many leases asks of the services',
  how: `In virtual time: the real use cases, machine definitions and item shapes, a table that counts, fake hosts, each call to the outside 1 to 20 ms. ${TENANTS} tenants send all POSTs at the same instant; each lease is held for 10 s (60 s where there are 1,000 slots), by half less or more, as soon as it is active and given back by DELETE; until every slot is free again. Per lease, without the sweeps (their part stands beside it) and without the client's long polls, which cost by the time waited (see the cost below). Requests are those of a table that neither throttles nor conflicts. Inversion: a lease was given a slot while another one with a smaller waiter key, whose POST had been answered, stood before it and no slot was left for that one; those whose POST was still under way are counted beside it.`,
  run: async () => {
    const memory: Burst[] = []
    for (const slots of SLOTS) {
      for (const leases of LEASES) memory.push(await runBurst(burstOf(leases, slots)))
    }
    const stored: Burst[] = []
    for (const slots of SLOTS) for (const leases of STORED) stored.push(await overDynamoDb(leases, slots))
    return {
      rows: [...flatness(memory), ...order([...memory, ...stored])],
      grid: gridOf([
        ...memory.map((burst) => line('memory', burst)),
        ...stored.map((burst) => line('DynamoDB', burst)),
      ]),
    }
  },
}

const burstOf = (leases: number, slots: number): BurstOptions => ({
  leases,
  slots,
  tenants: TENANTS,
  hold: (HOLDS[slots] ?? 0) * 1_000,
})

async function overDynamoDb(leases: number, slots: number): Promise<Burst> {
  const dynamo = await startDynamoDb({ tables: [], onLog: () => undefined })
  try {
    const opened = await openTable(dynamo.endpoint)
    try {
      return await runBurst({ ...burstOf(leases, slots), table: opened.table })
    } finally {
      await opened.close()
    }
  } finally {
    await dynamo.close()
  }
}

const QUANTITIES: readonly (readonly [string, (burst: Burst) => number])[] = [
  ['DynamoDB requests', ({ table }) => table.requests],
  ['DynamoDB write units', ({ table }) => table.writeUnits],
  ['DynamoDB read units', ({ table }) => table.readUnits],
  ['Step Functions transitions', ({ transitions }) => transitions],
  ['Lambda calls', ({ lambdaCalls }) => lambdaCalls],
]

const perLease = (burst: Burst, quantity: (burst: Burst) => number): number => quantity(burst) / burst.leases

/** From the smallest burst to the largest one, for each number of slots. */
const flatness = (all: readonly Burst[]): readonly Row[] =>
  QUANTITIES.flatMap(([what, quantity]) =>
    SLOTS.map((slots) => {
      const costs = all.filter((burst) => burst.slots === slots).map((burst) => perLease(burst, quantity))
      const [smallest = Number.NaN] = costs
      const most = Math.max(...costs) / smallest
      return figure(
        `${what} per lease, ${slots.toLocaleString('en')} slots`,
        most,
        'x of 100 leases',
        '<= 1.15',
        2,
      )
    }),
  )

function order(all: readonly Burst[]): readonly Row[] {
  const sum = (of: (seen: Burst['order']) => number) =>
    all.reduce((total, burst) => total + of(burst.order), 0)
  const handedOver = sum((seen) => seen.handedOver)
  const told = all.flatMap((burst) => burst.broken)
  for (const sentence of told) console.error(sentence)
  const awakened = sum((seen) => seen.awakened)
  return [
    figure(
      'leases that were given a slot',
      sum((seen) => seen.acquired),
      'leases',
    ),
    figure(
      'inversions',
      sum((seen) => seen.inversions),
      'pairs',
      '0',
    ),
    figure(
      'inversions within a tenant and priority',
      sum((seen) => seen.ofOneTenant),
      'pairs',
      '0',
    ),
    figure(
      'passed while their POST was under way',
      sum((seen) => seen.unanswered),
      'pairs',
    ),
    figure('given their slot by the transaction that ended its holder', handedOver, 'leases'),
    figure('awakened for it', awakened, 'times', `once each: ${handedOver.toLocaleString('en')}`),
    figure('functions that gave up, rules that were broken', told.length, '', '0'),
  ]
}

const gridOf = (lines: Grid['lines']): Grid => ({
  head: [
    'table',
    'slots',
    'leases',
    'requests',
    'of them refused',
    'write units',
    'of them refused',
    'read units',
    'transitions',
    'Lambda calls',
    'sweeps: requests',
    'sweeps: write units',
    'inversions',
    'virtual seconds',
  ],
  lines,
})

const line = (table: string, burst: Burst): Grid['lines'][number] => {
  const each = (value: number) => Math.round((value / burst.leases) * 10) / 10
  return [
    table,
    burst.slots,
    burst.leases,
    each(burst.table.requests),
    each(burst.table.refused),
    each(burst.table.writeUnits),
    each(burst.table.refusedUnits),
    each(burst.table.readUnits),
    each(burst.transitions),
    each(burst.lambdaCalls),
    each(burst.sweeps.requests),
    each(burst.sweeps.writeUnits),
    burst.order.inversions,
    Math.round(burst.seconds),
  ]
}
