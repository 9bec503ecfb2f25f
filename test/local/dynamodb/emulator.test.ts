// What the product relies on in DynamoDB, shown for the emulator that stands in for it.
import {
  QueryCommand,
  TransactWriteItemsCommand,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb'
import { expect, test } from 'vitest'
import { dynamoDb, key, number } from './client.ts'

const TableName = 'items'

test('a cancelled transaction names the reason of each item and shows what is there', async () => {
  await using running = await dynamoDb()
  const there = { ...key('there'), ver: number(7) }
  await running.client.send(new PutItemCommand({ TableName, Item: there }))

  const cancelled = running.client.send(
    new TransactWriteItemsCommand({
      TransactItems: [
        { Put: { TableName, Item: key('other') } },
        {
          Update: {
            TableName,
            Key: key('there'),
            UpdateExpression: 'SET ver = :next',
            ConditionExpression: 'ver = :seen',
            ExpressionAttributeValues: { ':seen': number(6), ':next': number(7) },
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          },
        },
        {
          Delete: {
            TableName,
            Key: key('missing'),
            ConditionExpression: 'attribute_exists(PK)',
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          },
        },
      ],
    }),
  )

  await expect(cancelled).rejects.toMatchObject({
    name: 'TransactionCanceledException',
    CancellationReasons: [
      { Code: 'None' },
      { Code: 'ConditionalCheckFailed', Item: there },
      { Code: 'ConditionalCheckFailed' },
    ],
  })
})

test('a repeated client request token changes nothing, and refuses another request', async () => {
  await using running = await dynamoDb()
  const add = (PK: string) =>
    new TransactWriteItemsCommand({
      ClientRequestToken: 'once',
      TransactItems: [
        {
          Update: {
            TableName,
            Key: key(PK),
            UpdateExpression: 'ADD n :one',
            ExpressionAttributeValues: { ':one': number(1) },
          },
        },
      ],
    })

  await running.client.send(add('a'))
  await running.client.send(add('a'))

  await expect(running.client.send(add('b'))).rejects.toMatchObject({
    name: 'IdempotentParameterMismatchException',
  })
  const { Items } = await running.client.send(queryOf('a', {}))
  expect(Items).toEqual([{ ...key('a'), n: number(1) }])
})

test.each([
  { what: 'a prefix', condition: 'begins_with(SK, :a)', values: ['w1'], found: ['w1', 'w11'] },
  { what: 'a range', condition: 'SK BETWEEN :a AND :b', values: ['w1', 'w2'], found: ['w1', 'w11', 'w2'] },
  { what: 'a start', condition: 'SK > :a', values: ['w1'], found: ['w11', 'w2', 'w3'] },
])('a consistent query finds $what in the order of the keys, page by page', async (given) => {
  await using running = await dynamoDb()
  for (const SK of ['w3', 'w1', 'w2', 'w11']) {
    await running.client.send(new PutItemCommand({ TableName, Item: key('q', SK) }))
  }
  const values = Object.fromEntries(
    given.values.map((value, index) => [index === 0 ? ':a' : ':b', { S: value }]),
  )

  const found: (string | undefined)[] = []
  let start: Record<string, { S: string }> | undefined
  do {
    const query = queryOf('q', { condition: given.condition, values, ...(start && { start }) })
    const { Items = [], LastEvaluatedKey } = await running.client.send(query)
    found.push(...Items.map(({ SK }) => SK?.S))
    start = LastEvaluatedKey as typeof start
  } while (start)

  expect(found).toEqual(given.found)
})

test.each([
  { ReturnValues: 'ALL_NEW' as const, returned: { ...key('a'), n: number(2), other: { S: 'x' } } },
  { ReturnValues: 'UPDATED_NEW' as const, returned: { n: number(2) } },
  { ReturnValues: 'ALL_OLD' as const, returned: { ...key('a'), n: number(1), other: { S: 'x' } } },
  { ReturnValues: 'UPDATED_OLD' as const, returned: { n: number(1) } },
])('an update returns $ReturnValues', async ({ ReturnValues, returned }) => {
  await using running = await dynamoDb()
  const Item = { ...key('a'), n: number(1), other: { S: 'x' } }
  await running.client.send(new PutItemCommand({ TableName, Item }))

  const { Attributes } = await running.client.send(
    new UpdateItemCommand({
      TableName,
      Key: key('a'),
      UpdateExpression: 'SET n = n + :one',
      ExpressionAttributeValues: { ':one': number(1) },
      ReturnValues,
    }),
  )

  expect(Attributes).toEqual(returned)
})

type Range = {
  readonly condition?: string
  readonly values?: Record<string, { S: string }>
  readonly start?: Record<string, { S: string }>
}

function queryOf(PK: string, { condition, values, start }: Range): QueryCommand {
  return new QueryCommand({
    TableName,
    ConsistentRead: true,
    Limit: 2,
    KeyConditionExpression: ['PK = :pk', ...(condition === undefined ? [] : [condition])].join(' AND '),
    ExpressionAttributeValues: { ':pk': { S: PK }, ...values },
    ExclusiveStartKey: start,
  })
}
