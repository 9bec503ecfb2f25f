import { DescribeTableCommand, DescribeTimeToLiveCommand } from '@aws-sdk/client-dynamodb'
import { expect, test } from 'vitest'
import { createTables, type TableDefinition, tableOf } from '../../../infra/local/dynamodb/tables.ts'
import { dynamoDb, items } from './client.ts'

const index = {
  IndexName: 'by-owner',
  KeySchema: [{ AttributeName: 'owner', KeyType: 'HASH' }],
  Projection: { ProjectionType: 'KEYS_ONLY' },
  ContributorInsightsSpecification: { Enabled: true },
}
const indexed: TableDefinition = {
  name: 'items',
  definition: {
    ...items.definition,
    AttributeDefinitions: [
      ...(items.definition['AttributeDefinitions'] as object[]),
      { AttributeName: 'owner', AttributeType: 'S' },
    ],
    GlobalSecondaryIndexes: [index],
  },
  timeToLiveAttribute: 'ttl',
}

test('a table is created with its key, its indexes and its time to live', async () => {
  await using running = await dynamoDb({ tables: [indexed] })

  const { Table } = await running.client.send(new DescribeTableCommand({ TableName: 'items' }))
  const ttl = await running.client.send(new DescribeTimeToLiveCommand({ TableName: 'items' }))

  expect(Table).toMatchObject({ TableStatus: 'ACTIVE', KeySchema: items.definition['KeySchema'] })
  expect(Table?.GlobalSecondaryIndexes).toMatchObject([{ IndexName: 'by-owner', IndexStatus: 'ACTIVE' }])
  expect(ttl.TimeToLiveDescription).toEqual({ TimeToLiveStatus: 'ENABLED', AttributeName: 'ttl' })
})

test('creating tables again changes nothing, and adds what is new in the template', async () => {
  await using running = await dynamoDb({ tables: [items] })
  const { endpoint } = running.service

  await createTables(endpoint, [items])
  await createTables(endpoint, [indexed])
  await createTables(endpoint, [indexed])

  const { Table } = await running.client.send(new DescribeTableCommand({ TableName: 'items' }))
  expect(Table?.GlobalSecondaryIndexes?.map(({ IndexName }) => IndexName)).toEqual(['by-owner'])
})

test('a table that exists with another key is an error', async () => {
  await using running = await dynamoDb({ tables: [items] })
  const other = {
    name: 'items',
    definition: {
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    },
  }

  const create = createTables(running.service.endpoint, [other])

  await expect(create).rejects.toThrow('table items exists with the key PK HASH, SK RANGE, not id HASH')
})

test.each(['AWS::DynamoDB::Table', 'AWS::DynamoDB::GlobalTable'] as const)(
  'the properties of a resolved %s describe a table',
  (type) => {
    const properties = {
      ...items.definition,
      TableName: 'named',
      TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
    }

    const table = tableOf({ logicalId: 'Items', type, properties })

    expect(table).toEqual({ name: 'named', definition: properties, timeToLiveAttribute: 'ttl' })
  },
)
