import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import { createFaults } from '../../../infra/local/dynamodb/faults.ts'
import { startDynamoDb } from '../../../infra/local/dynamodb/start.ts'
import type { DynamoDb } from '../../../infra/local/dynamodb/start.ts'
import { createMemoryTable } from '../../../lib/adapters/memory/table.ts'
import type { Key, Table } from '../../../lib/app/ports/table.ts'
import { openTable } from '../../support/dynamodb.ts'
import { absent, check, exists, freshPartition, put, remove, update } from '../../support/table.ts'
import { createCountingTable } from './table.ts'
import type { CountingTable } from './table.ts'

const faults = createFaults({ measureCapacity: true })
let dynamo: DynamoDb
let opened: Awaited<ReturnType<typeof openTable>>
let table: CountingTable
beforeAll(async () => {
  dynamo = await startDynamoDb({ tables: [], faults, onLog: () => undefined })
  opened = await openTable(dynamo.endpoint)
  table = createCountingTable(opened.table)
})
afterAll(async () => {
  await opened.close()
  await dynamo.close()
})
beforeEach(() => {
  table.tally.reset()
  faults.resetCounts()
})

const text = (bytes: number) => 'x'.repeat(bytes)
const keys = (): ((SK: string) => Key) => {
  const PK = freshPartition()
  return (SK) => ({ PK, SK })
}

type Call = (table: Table, at: (SK: string) => Key) => Promise<unknown>

const small = { state: 'free', epoch: 7, offered: true, warm: ['a', 'b'], until: null }
const accepted: readonly { readonly what: string; readonly calls: readonly Call[] }[] = [
  { what: 'an item that is not there', calls: [(t, at) => t.get(at('none'))] },
  {
    what: 'items of many sizes',
    calls: [
      (t, at) => t.write(put(at('a'), small)),
      (t, at) => t.write(put(at('b'), { text: text(1_000) })),
      (t, at) => t.write(put(at('c'), { text: text(1_100), bytes: new Uint8Array(5_000) })),
      (t, at) => t.get(at('a')),
      (t, at) => t.get(at('c')),
      (t, at) => t.getAll([at('a'), at('b'), at('c'), at('none'), at('a')]),
      (t, at) => t.query({ PK: at('').PK, limit: 100 }),
      (t, at) => t.query({ PK: at('').PK, from: 'b', to: 'b~', limit: 2 }),
      (t, at) => t.query({ PK: at('').PK, from: 'x', limit: 2 }),
      (t, at) => t.query({ PK: at('').PK, from: 'x', to: 'b', limit: 2 }),
    ],
  },
  {
    what: 'updates that grow, shrink and make an item',
    calls: [
      (t, at) => t.write(update(at('a'), { ...small, text: text(3_000) })),
      (t, at) => t.write(update(at('a'), { text: text(10) })),
      (t, at) => t.write(update(at('a'), { text: text(4_500) })),
      (t, at) => t.write({ kind: 'update', key: at('a'), set: {}, remove: ['text'], when: exists }),
      (t, at) => t.write(update(at('a'), { epoch: -12_345.678 })),
    ],
  },
  {
    what: 'puts over an item, and deletions',
    calls: [
      (t, at) => t.write(put(at('a'), { text: text(5_000) })),
      (t, at) => t.write(put(at('a'), { text: text(10) })),
      (t, at) => t.write(put(at('a'), { text: text(2_500) })),
      (t, at) => t.write(remove(at('a'), exists)),
      (t, at) => t.write(remove(at('a'))),
    ],
  },
  {
    what: 'transactions, checks among them',
    calls: [
      (t, at) => t.transact('1', [put(at('a'), small, absent), put(at('b'), { text: text(2_100) }, absent)]),
      (t, at) =>
        t.transact('2', [
          update(at('a'), { text: text(1_500) }, exists),
          check(at('b'), exists),
          put(at('c'), small),
        ]),
      (t, at) =>
        t.transact('3', [check(at('none'), absent), remove(at('b'), exists), remove(at('c'), exists)]),
      (t, at) => t.write(check(at('a'), exists)),
    ],
  },
]

describe('counts what the embedded DynamoDB reports', () => {
  test.each(accepted)('$what', async ({ calls }) => {
    const at = keys()

    for (const call of calls) await call(table, at)

    expect(unitsOf(table.tally.counts())).toEqual(unitsOf(faults.counts()))
  })
})

const refused: readonly (readonly [string, Call, number])[] = [
  ['one unit where there is no item', (t, at) => t.write(update(at('none'), { a: 1 }, exists)), 1],
  ['the size of the item that stands there', (t, at) => t.write(put(at('large'), {}, absent)), 3],
  [
    'and nothing of what was to be put there',
    (t, at) => t.write(put(at('small'), { text: text(9_000) }, absent)),
    1,
  ],
  [
    'every item of a transaction, as if it had been committed',
    (t, at) =>
      t.transact('r', [put(at('small'), {}, absent), remove(at('large')), check(at('none'), absent)]),
    2 + 6 + 2,
  ],
]

describe('a refused write, of which no DynamoDB reports the units, costs', () => {
  test.each(refused)('%s', async (_, call, units) => {
    const counting = createCountingTable(createMemoryTable())
    const at = keys()
    await counting.write(put(at('large'), { text: text(2_500) }))
    await counting.write(put(at('small'), small))
    counting.tally.reset()

    await call(counting, at)

    expect(counting.tally.total()).toMatchObject({
      requests: 1,
      refused: 1,
      writeUnits: units,
      refusedUnits: units,
    })
  })

  test('nothing that the embedded DynamoDB would say', async () => {
    const at = keys()

    await table.write(update(at('none'), { a: 1 }, exists))

    expect(faults.counts()).toMatchObject({ UpdateItem: { requests: 1, writeUnits: 0 } })
    expect(table.tally.lost()).toEqual({ 'is there': 1 })
  })
})

interface Units {
  readonly requests: number
  readonly readUnits: number
  readonly writeUnits: number
}

const unitsOf = (counts: Readonly<Record<string, Units>>): Record<string, Units> =>
  Object.fromEntries(
    Object.entries(counts).map(([operation, { requests, readUnits, writeUnits }]) => [
      operation,
      { requests, readUnits, writeUnits },
    ]),
  )
