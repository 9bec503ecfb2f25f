import { setTimeout as delay } from 'node:timers/promises'
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb'
import { createDynamoTable } from '../../lib/adapters/dynamodb/table.ts'
import { readLease } from '../../lib/app/store/read.ts'
import type { World } from './world.ts'

/** The waiter keys that those leases had in their first pool; the API does not show them. */
export async function placesOf(
  { endpoints }: World,
  leaseIds: readonly string[],
): Promise<readonly string[]> {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }
  const client = new DynamoDBClient({
    endpoint: endpoints['dynamodb'] ?? '',
    region: 'us-east-1',
    credentials,
  })
  try {
    const { TableNames: [tableName = ''] = [] } = await client.send(new ListTablesCommand({}))
    const table = createDynamoTable({ tableName, client, random: Math.random, sleep: delay })
    const leases = await Promise.all(leaseIds.map((id) => readLease({ table }, id)))
    return leases.map((lease) => Object.values(lease?.waiters ?? {})[0] ?? '')
  } finally {
    client.destroy()
  }
}
