import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb'
import { expect, test } from 'vitest'
import { createFaults, type Fault } from '../../../infra/local/dynamodb/faults.ts'
import { startFront } from '../../../infra/local/dynamodb/front.ts'
import { eventually } from '../processes/inspect.ts'
import { clientOf, dynamoDb, key, number } from './client.ts'

const increment = new UpdateItemCommand({
  TableName: 'items',
  Key: key('counter'),
  UpdateExpression: 'ADD n :one',
  ExpressionAttributeValues: { ':one': number(1) },
})
const twoPuts = () =>
  new TransactWriteItemsCommand({
    TransactItems: [
      { Put: { TableName: 'items', Item: key('a') } },
      { Put: { TableName: 'items', Item: key('b') } },
    ],
  })

test('without a rule requests pass and are counted with their capacity units', async () => {
  const faults = createFaults({ measureCapacity: true })
  await using running = await dynamoDb({ faults })

  await running.client.send(increment)
  await running.client.send(twoPuts())
  await running.client.send(new GetItemCommand({ TableName: 'items', Key: key('a'), ConsistentRead: true }))

  expect(faults.counts()).toEqual({
    UpdateItem: { requests: 1, faults: 0, readUnits: 0, writeUnits: 1 },
    TransactWriteItems: { requests: 1, faults: 0, readUnits: 0, writeUnits: 4 },
    GetItem: { requests: 1, faults: 0, readUnits: 1, writeUnits: 0 },
  })
})

const refusals: { fault: Fault; name: string; status: number }[] = [
  { fault: { kind: 'throttle' }, name: 'ProvisionedThroughputExceededException', status: 400 },
  { fault: { kind: 'throttle', errorType: 'ThrottlingException' }, name: 'ThrottlingException', status: 400 },
  { fault: { kind: 'conflict' }, name: 'TransactionConflictException', status: 400 },
  { fault: { kind: 'internalError' }, name: 'InternalServerError', status: 500 },
]

test.each(refusals)(
  'the fault $fault refuses with $name and writes nothing',
  async ({ fault, name, status }) => {
    const faults = createFaults()
    await using running = await dynamoDb({ faults })
    faults.inject(({ operation }) => (operation === 'UpdateItem' ? fault : undefined))

    const refused = running.client.send(increment)

    await expect(refused).rejects.toMatchObject({ name, $metadata: { httpStatusCode: status } })
    expect(await counter(running.client)).toBeUndefined()
    expect(faults.counts()['UpdateItem']).toMatchObject({ requests: 1, faults: 1 })
  },
)

test.each([
  { reasons: undefined, codes: ['TransactionConflict', 'None'] },
  { reasons: ['None', 'ThrottlingError'] as const, codes: ['None', 'ThrottlingError'] },
])('a transaction is cancelled with the reasons $codes', async ({ reasons, codes }) => {
  const faults = createFaults()
  await using running = await dynamoDb({ faults })
  faults.inject(() => ({ kind: 'conflict', ...(reasons && { reasons }) }))

  const cancelled = running.client.send(twoPuts())

  await expect(cancelled).rejects.toMatchObject({
    name: 'TransactionCanceledException',
    CancellationReasons: codes.map((Code) => ({ Code })),
  })
})

test.each([
  { committed: false, written: undefined },
  { committed: true, written: '1' },
])('a connection dropped with committed $committed leaves $written', async ({ committed, written }) => {
  const faults = createFaults()
  await using running = await dynamoDb({ faults })
  const remove = faults.inject(() => ({ kind: 'drop', committed }))

  const dropped = running.client.send(increment)

  await expect(dropped).rejects.toMatchObject({ code: 'ECONNRESET' })
  remove()
  expect(await counter(running.client)).toBe(written)
})

test("a drop after the commit and the client's own retry add twice", async () => {
  const faults = createFaults()
  await using running = await dynamoDb({ faults }, 3)
  faults.inject(({ operation, nth }) =>
    operation === 'UpdateItem' && nth === 1 ? { kind: 'drop', committed: true } : undefined,
  )

  await running.client.send(increment)

  expect(await counter(running.client)).toBe('2')
  expect(faults.counts()['UpdateItem']).toMatchObject({ requests: 2, faults: 1 })
})

test.each([
  { committed: false, written: undefined },
  { committed: true, written: '1' },
])('a request that hangs with committed $committed is never answered and leaves $written', async (given) => {
  const faults = createFaults()
  await using running = await dynamoDb({ faults })
  const remove = faults.inject(() => ({ kind: 'hang', committed: given.committed }))

  const patience = new AbortController()
  const options = { abortSignal: patience.signal }
  const outcome = running.client.send(increment, options).catch((error: unknown) => error)
  await eventually('it hangs', () => faults.counts()['UpdateItem']?.faults === 1)
  patience.abort()

  expect(await outcome).toMatchObject({ name: 'AbortError' })
  remove()
  expect(await counter(running.client)).toBe(given.written)
})

test('latency is added before the request', async () => {
  const faults = createFaults()
  await using running = await dynamoDb()
  const waits: number[] = []
  const delay = async (milliseconds: number): Promise<void> => void waits.push(milliseconds)
  const front = await startFront(running.service.endpoint, faults, delay)
  const client = clientOf(front.endpoint)
  faults.inject(() => ({ kind: 'delay', milliseconds: 250 }))

  await client.send(increment)

  expect(waits).toEqual([250])
  expect(await counter(running.client)).toBe('1')
  client.destroy()
  await front.close()
})

test('batches may come back unprocessed', async () => {
  const faults = createFaults()
  await using running = await dynamoDb({ faults })
  faults.inject(() => ({ kind: 'unprocessed' }))
  const reading = { items: { Keys: [key('a')] } }
  const writing = { items: [{ PutRequest: { Item: key('a') } }] }

  const read = await running.client.send(new BatchGetItemCommand({ RequestItems: reading }))
  const written = await running.client.send(new BatchWriteItemCommand({ RequestItems: writing }))

  expect(read.UnprocessedKeys).toEqual(reading)
  expect(written.UnprocessedItems).toEqual(writing)
})

test('a rule sees the operation, the tables and how often it was asked', async () => {
  const faults = createFaults()
  await using running = await dynamoDb({ faults })
  const seen: unknown[] = []
  faults.inject(({ operation, tables, nth }) => void seen.push({ operation, tables, nth }))

  await running.client.send(increment)
  await running.client.send(twoPuts())
  await running.client.send(increment)

  expect(seen).toEqual([
    { operation: 'UpdateItem', tables: ['items'], nth: 1 },
    { operation: 'TransactWriteItems', tables: ['items'], nth: 1 },
    { operation: 'UpdateItem', tables: ['items'], nth: 2 },
  ])
})

test('a large item passes the front unchanged', async () => {
  await using running = await dynamoDb({ faults: createFaults() })
  const Item = { ...key('large'), text: { S: 'ü'.repeat(150_000) } }

  await running.client.send(new PutItemCommand({ TableName: 'items', Item }))
  const found = await running.client.send(new GetItemCommand({ TableName: 'items', Key: key('large') }))

  expect(found.Item).toEqual(Item)
})

async function counter(client: DynamoDBClient): Promise<string | undefined> {
  const { Item } = await client.send(new GetItemCommand({ TableName: 'items', Key: key('counter') }))
  return Item?.['n']?.N
}
