import { randomUUID } from 'node:crypto'

import type { Arbitrary } from 'fast-check'
import {
  array,
  assert,
  asyncProperty,
  boolean,
  constant,
  constantFrom,
  integer,
  letrec,
  nat,
  oneof,
  option,
  record,
  uniqueArray,
} from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { createMemoryTable } from '../../../lib/adapters/memory/table.ts'
import type { Clause, Key, Query, Table, Value, Write } from '../../../lib/app/ports/table.ts'
import { openEmbeddedTable } from '../../support/dynamodb.ts'
import { freshPartition } from '../../support/table.ts'

type Call = (table: Table, PK: string, run: string) => Promise<unknown>

let dynamo: Awaited<ReturnType<typeof openEmbeddedTable>>
beforeAll(async () => {
  dynamo = await openEmbeddedTable()
})
afterAll(() => dynamo.close())

/** Few names and values, so that calls meet each other. */
const sortKeys = constantFrom('a#1', '\uff71', '😀')
const names = constantFrom('ver', 'state', 'opId', 'a.b')
const scalars = constantFrom<string | number>(0, 1, 2, '', '1', 'op-0')
const values: Arbitrary<Value> = oneof(scalars, boolean(), constant(null), array(scalars, { maxLength: 2 }))

const clauses = letrec<{ clause: Clause }>((tie) => ({
  clause: oneof(
    { maxDepth: 2 },
    record({ is: constantFrom('item-exists', 'item-absent') }),
    record({ is: constantFrom('present', 'missing'), attribute: names }),
    record({ is: constant('equal' as const), attribute: names, value: oneof(scalars, boolean()) }),
    record({
      is: constant('one-of' as const),
      attribute: names,
      values: array(scalars, { minLength: 1, maxLength: 3 }),
    }),
    record({
      is: constantFrom('below', 'at-most', 'above', 'at-least'),
      attribute: names,
      value: constantFrom(0, 1, 2),
    }),
    record({ is: constant('any' as const), of: array(tie('clause'), { maxLength: 3 }) }),
  ) as Arbitrary<Clause>,
})).clause

const conditions = record({ name: constantFrom('first', 'second'), all: array(clauses, { maxLength: 2 }) })
const attributes = uniqueArray(names, { maxLength: 3 }).chain((chosen) =>
  record(Object.fromEntries(chosen.map((name) => [name, values])) as Record<string, Arbitrary<Value>>, {
    noNullPrototype: true,
  }),
)

function writeAt(SK: string): Arbitrary<(PK: string) => Write> {
  return oneof(
    record({ set: attributes, when: conditions }).map(({ set, when }) => (PK: string): Write => {
      return { kind: 'put', item: { ...set, PK, SK }, when }
    }),
    record({ set: attributes, remove: array(names, { maxLength: 1 }), when: conditions }).map(
      (change) =>
        (PK: string): Write => ({ kind: 'update', key: { PK, SK }, ...change }),
    ),
    conditions.map((when) => (PK: string): Write => ({ kind: 'delete', key: { PK, SK }, when })),
    conditions.map((when) => (PK: string): Write => ({ kind: 'check', key: { PK, SK }, when })),
  )
}

const calls: Arbitrary<Call> = oneof(
  {
    weight: 4,
    arbitrary: sortKeys.chain(writeAt).map(
      (write): Call =>
        (table, PK) =>
          table.write(write(PK)),
    ),
  },
  {
    weight: 4,
    arbitrary: record({
      op: integer({ min: 0, max: 9 }),
      writes: array(sortKeys.chain(writeAt), { minLength: 1, maxLength: 4 }),
    }).map(({ op, writes }): Call => (table, PK, run) => {
      return table.transact(
        `${run}-${op}`,
        writes.map((write) => write(PK)),
      )
    }),
  },
  {
    weight: 1,
    arbitrary: sortKeys.map(
      (SK): Call =>
        (table, PK) =>
          table.get({ PK, SK }),
    ),
  },
  {
    weight: 1,
    arbitrary: array(sortKeys, { maxLength: 4 }).map((keys): Call => (table, PK) => {
      return table.getAll(keys.map((SK): Key => ({ PK, SK })))
    }),
  },
  {
    weight: 2,
    arbitrary: record({
      from: option(sortKeys),
      to: option(sortKeys),
      limit: integer({ min: 1, max: 6 }),
      backwards: boolean(),
    }).map(({ from, to, limit, backwards }): Call => (table, PK) => {
      const bounds = { ...(from !== null && { from }), ...(to !== null && { to }) }
      return table.query({ PK, limit, backwards, ...bounds } satisfies Query)
    }),
  },
)

/** Now and then an earlier call again, as a caller does who lost the answer. */
const sequences = array(oneof({ weight: 4, arbitrary: calls }, { weight: 1, arbitrary: nat(20) }), {
  minLength: 5,
  maxLength: 30,
  size: 'max',
}).map((steps) => steps.flatMap((step) => callAt(steps, step)))

test('the in-memory table gives the answers of the one in DynamoDB, whatever is asked', async () => {
  await assert(
    asyncProperty(sequences, async (sequence) => {
      const [PK, run] = [freshPartition(), randomUUID()]
      const memory = createMemoryTable()

      for (const call of sequence) {
        const [remembered, stored] = await Promise.allSettled([
          call(memory, PK, run),
          call(dynamo.table, PK, run),
        ])

        expect(answerOf(remembered)).toEqual(answerOf(stored))
      }

      expect(await memory.query({ PK, limit: 100 })).toEqual(await dynamo.table.query({ PK, limit: 100 }))
    }),
    { numRuns: 200 },
  )
})

function callAt(steps: readonly (Call | number)[], step: Call | number): Call[] {
  const call = typeof step === 'number' ? steps[step] : step
  return typeof call === 'function' ? [call] : []
}

function answerOf(result: PromiseSettledResult<unknown>): unknown {
  return result.status === 'fulfilled' ? result.value : 'refused'
}
