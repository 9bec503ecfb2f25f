import { randomUUID } from 'node:crypto'

import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'

import { createDynamoClient } from '../../../lib/adapters/dynamodb/client.ts'
import type { TableRequest } from '../../../lib/adapters/dynamodb/connection.ts'
import type { Table } from '../../../lib/app/ports/table.ts'
import { clientConfig, openTable, startDynamo } from '../../support/dynamodb.ts'
import type { Fault, FaultProxy } from '../../support/fault-proxy.ts'
import { cancellation, refusal, startFaultProxy } from '../../support/fault-proxy.ts'
import { absent, exists, freshKey, itemAt, put, remove, update, versionIs } from '../../support/table.ts'

let dynamo: Awaited<ReturnType<typeof startDynamo>>
let proxy: FaultProxy
let opened: { table: Table; tableName: string; close(): Promise<void> }
let table: Table
const requests: TableRequest[] = []
const sleeps: number[] = []

beforeAll(async () => {
  dynamo = await startDynamo()
  proxy = await startFaultProxy(dynamo.endpoint)
  const quick = { connectionTimeout: 5_000, requestTimeout: 200, throwOnRequestTimeout: true }
  opened = await openTable(proxy.endpoint, {
    client: createDynamoClient({ ...clientConfig(proxy.endpoint), requestHandler: quick }),
    random: () => 1,
    sleep: async (ms) => void sleeps.push(ms),
    onRequest: (request) => void requests.push(request),
  })
  table = opened.table
})
beforeEach(() => {
  requests.length = 0
  sleeps.length = 0
})
afterEach(() => proxy.forget())
afterAll(async () => {
  await opened.close()
  await proxy.close()
  await dynamo.stop()
})

const misses: Readonly<Record<string, Fault>> = {
  'a conflict': cancellation('TransactionConflict', 'None'),
  'a throttled write': cancellation('None', 'ThrottlingError'),
  'a partition that is too hot': cancellation('ProvisionedThroughputExceeded', 'TransactionConflict'),
  'a conflict with a single write': refusal('TransactionConflictException'),
  'our own try still in progress': refusal('TransactionInProgressException'),
  throttling: refusal('ThrottlingException'),
  'too many requests': refusal('RequestLimitExceeded'),
  'a fault of the service': refusal('InternalServerError', 500),
  'a gateway without words': { answer: { status: 503, body: '<html>busy</html>' } },
  'a request that was lost': { lose: 'request' },
  'an answer that was lost': { lose: 'answer' },
  'an answer that never comes': { silent: true },
}

test.each(Object.entries(misses))(
  'a transaction that met %s is sent again and done once',
  async (_, fault) => {
    const [lease, event] = [freshKey(), freshKey()]
    await table.write(put(lease, { ver: 1 }))
    requests.length = 0
    proxy.plan(fault)

    const outcome = await table.transact(randomUUID(), [
      update(lease, { ver: 2 }, versionIs(1)),
      put(event, {}, absent),
    ])

    expect(outcome).toEqual({ committed: true })
    expect(requests.map(({ operation, tries, items }) => [operation, tries, items])).toEqual([
      ['TransactWriteItems', 1, 2],
      ['TransactWriteItems', 2, 2],
    ])
    expect(await table.getAll([lease, event])).toEqual([itemAt(lease, { ver: 2 }), itemAt(event)])
  },
)

test.each([
  ['get', () => table.get(freshKey())],
  ['getAll', () => table.getAll([freshKey()])],
  ['query', () => table.query({ PK: freshKey().PK, limit: 1 })],
  ['write', () => table.write(put(freshKey(), {}, absent))],
])('%s gets through throttles, faults and broken connections', async (_, call) => {
  proxy.plan(refusal('ThrottlingException'), refusal('InternalServerError', 500), { lose: 'request' })

  await call()

  expect(requests.map(({ tries }) => tries)).toEqual([1, 2, 3, 4])
  expect(sleeps).toEqual([10, 20, 40])
})

test('a marked write whose answer was lost is committed, not lost', async () => {
  const key = freshKey()
  proxy.plan({ lose: 'answer' })

  const outcome = await table.write(put(key, { opId: 'op-1' }, absent))

  expect(outcome).toEqual({ committed: true })
})

test('a write without a mark whose answer was lost is told what stands there', async () => {
  const key = freshKey()
  proxy.plan({ lose: 'answer' })

  const outcome = await table.write(put(key, { holder: 'me' }, absent))

  const item = itemAt(key, { holder: 'me' })
  expect(outcome).toEqual({ committed: false, lost: [{ index: 0, condition: 'is new', item }] })
})

test('a condition that failed beside a conflict is judged again, until all is known', async () => {
  const [idempotency, permit] = [freshKey(), freshKey()]
  await table.write(put(idempotency, { by: 'other' }))
  await table.write(put(permit, { lease: 'other' }))
  proxy.plan(cancellation('TransactionConflict', 'ConditionalCheckFailed'))

  const outcome = await table.transact(randomUUID(), [put(idempotency, {}, absent), put(permit, {}, absent)])

  expect(outcome).toEqual({
    committed: false,
    lost: [
      { index: 0, condition: 'is new', item: itemAt(idempotency, { by: 'other' }) },
      { index: 1, condition: 'is new', item: itemAt(permit, { lease: 'other' }) },
    ],
  })
})

test('our mark beside a conflict is proof enough', async () => {
  const opId = randomUUID()
  const marked = { PK: { S: 'x' }, SK: { S: 'y' }, opId: { S: opId } }
  proxy.plan(cancellation({ Code: 'ConditionalCheckFailed', Item: marked }, 'TransactionConflict'))

  const outcome = await table.transact(opId, [
    put(freshKey(), { opId }, absent),
    put(freshKey(), { opId }, absent),
  ])

  expect(outcome).toEqual({ committed: true })
  expect(requests).toHaveLength(1)
})

const faults: Readonly<Record<string, Fault>> = {
  'a malformed write beside a failed condition': cancellation('ConditionalCheckFailed', 'ValidationError'),
  'a collection that is too large': cancellation('ItemCollectionSizeLimitExceeded', 'TransactionConflict'),
  'a cancellation without reasons': cancellation(),
  'a reason for each write but one': cancellation('ConditionalCheckFailed'),
  'an opId of other writes': refusal('IdempotentParameterMismatchException'),
  'a permission that is missing': refusal('AccessDeniedException'),
  'a table that is missing': refusal('ResourceNotFoundException'),
}

test.each(Object.entries(faults))('%s is our own fault: thrown, never repeated', async (_, fault) => {
  proxy.plan(fault)

  const outcome = table.transact(randomUUID(), [put(freshKey()), put(freshKey())])

  await expect(outcome).rejects.toThrow(/.+/)
  expect(requests).toHaveLength(1)
})

test('after twelve conflicts there is no decision, and nothing was done', async () => {
  proxy.plan(...Array.from({ length: 12 }, () => cancellation('TransactionConflict')))

  const outcome = table.transact(randomUUID(), [remove(freshKey(), exists)])

  await expect(outcome).rejects.toMatchObject({ name: 'TableBusy', tries: 12, inDoubt: false })
  expect(sleeps).toEqual([10, 20, 40, 80, 160, 320, 640, 1_000, 1_000, 1_000, 1_000])
})

test('silence costs three tries, and leaves a doubt', async () => {
  proxy.plan(...Array.from({ length: 4 }, (): Fault => ({ silent: true })))

  const outcome = table.write(put(freshKey(), {}, absent))

  await expect(outcome).rejects.toMatchObject({ name: 'TableBusy', tries: 4, inDoubt: true })
})

test('keys that were left unread are asked for again', async () => {
  const [a, b] = [freshKey(), freshKey()]
  await table.write(put(a, { n: 1 }))
  await table.write(put(b, { n: 2 }))
  requests.length = 0
  const unread = {
    [opened.tableName]: { Keys: [a, b].map(({ PK, SK }) => ({ PK: { S: PK }, SK: { S: SK } })) },
  }
  proxy.plan({ answer: { status: 200, body: JSON.stringify({ Responses: {}, UnprocessedKeys: unread }) } })

  const found = await table.getAll([a, b])

  expect(found).toEqual([itemAt(a, { n: 1 }), itemAt(b, { n: 2 })])
  expect(requests).toHaveLength(2)
})
