import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

import type { DynamoDBClientConfig } from '@aws-sdk/client-dynamodb'
import {
  CreateTableCommand,
  DeleteTableCommand,
  DynamoDBClient,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb'

import { createDynamoClient } from '../../lib/adapters/dynamodb/client.ts'
import type { DynamoTableOptions } from '../../lib/adapters/dynamodb/table.ts'
import { createDynamoTable } from '../../lib/adapters/dynamodb/table.ts'
import type { Table } from '../../lib/app/ports/table.ts'

const binary = fileURLToPath(import.meta.resolve('@dynoxide/linux-x64/dynoxide'))

/** The embedded DynamoDB, in memory, ready for requests. */
export async function startDynamo(): Promise<{ endpoint: string; stop(): Promise<void> }> {
  const port = await freePort()
  // No pipe to the child: one that outlived a killed test worker would keep the whole run from ending.
  const child = spawn(binary, ['serve', '--port', String(port)], { stdio: 'ignore' })
  const exited = new Promise<void>((resolve) => void child.once('exit', () => resolve()))
  const kill = () => void child.kill('SIGKILL')
  process.once('exit', kill)
  const stop = async () => {
    process.off('exit', kill)
    kill()
    await exited
  }
  for (let tries = 1; !(await accepts(port)); tries++) {
    if (child.exitCode !== null || tries > 500) {
      await stop()
      throw new Error('dynoxide did not come up')
    }
    await sleep(10)
  }
  return { endpoint: `http://127.0.0.1:${port}`, stop }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
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
      await opened.close()
      await dynamo.stop()
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

/** dynoxide does not say which port it took for 0. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}
