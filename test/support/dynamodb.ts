import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'

import type { DynamoDBClientConfig } from '@aws-sdk/client-dynamodb'
import {
  CreateTableCommand,
  DeleteTableCommand,
  DynamoDBClient,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb'

import { startDynamoDb } from '../../infra/local/dynamodb/start.ts'
import { createDynamoClient } from '../../lib/adapters/dynamodb/client.ts'
import type { DynamoTableOptions } from '../../lib/adapters/dynamodb/table.ts'
import { createDynamoTable } from '../../lib/adapters/dynamodb/table.ts'
import type { Table } from '../../lib/app/ports/table.ts'

/** The embedded DynamoDB without tables; it ends with this process, however that ends. */
export async function startDynamo(): Promise<{ endpoint: string; stop(): Promise<void> }> {
  const { endpoint, close } = await startDynamoDb({ tables: [], onLog: () => undefined })
  return { endpoint, stop: close }
}

/** A table of its own at the endpoint. Credentials and region are the caller's where there are any. */
export async function openTable(
  endpoint: string,
  options: Partial<DynamoTableOptions> = {},
): Promise<{ table: Table; tableName: string; close(): Promise<void> }> {
  const config = clientConfig(endpoint)
  const admin = new DynamoDBClient(config)
  const client = options.client ?? createDynamoClient(config)
  const tableName = `drydock-test-${randomUUID()}`
  await admin.send(new CreateTableCommand({ TableName: tableName, ...tableShape }))
  await waitUntilTableExists({ client: admin, maxWaitTime: 60, minDelay: 1 }, { TableName: tableName })
  const table = createDynamoTable({ client, random: Math.random, sleep, ...options, tableName })
  const close = async () => {
    await admin.send(new DeleteTableCommand({ TableName: tableName }))
    admin.destroy()
    client.destroy()
  }
  return { table, tableName, close }
}

/** A table in an embedded DynamoDB of its own. */
export async function openEmbeddedTable(): Promise<{ table: Table; close(): Promise<void> }> {
  const dynamo = await startDynamo()
  try {
    const opened = await openTable(dynamo.endpoint)
    const close = async () => {
      try {
        await opened.close()
      } finally {
        await dynamo.stop()
      }
    }
    return { table: opened.table, close }
  } catch (error) {
    await dynamo.stop()
    throw error
  }
}

export function clientConfig(endpoint: string): DynamoDBClientConfig {
  const known = process.env['AWS_ACCESS_KEY_ID'] ?? process.env['AWS_PROFILE']
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }
  return {
    endpoint,
    region: process.env['AWS_REGION'] ?? 'us-east-1',
    ...(known === undefined && { credentials }),
  }
}

const tableShape = {
  BillingMode: 'PAY_PER_REQUEST',
  AttributeDefinitions: [
    { AttributeName: 'PK', AttributeType: 'S' },
    { AttributeName: 'SK', AttributeType: 'S' },
  ],
  KeySchema: [
    { AttributeName: 'PK', KeyType: 'HASH' },
    { AttributeName: 'SK', KeyType: 'RANGE' },
  ],
} as const satisfies Partial<ConstructorParameters<typeof CreateTableCommand>[0]>
