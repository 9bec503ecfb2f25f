import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'

import type { Table } from '../../app/ports/table.ts'
import { createDynamoClient } from './client.ts'
import type { TableRequest } from './connection.ts'
import { createReads } from './reads.ts'
import { createWrites } from './writes.ts'

export interface DynamoTableOptions {
  readonly tableName: string
  /** Shared and destroyed by its maker; one of our own tuning where absent. */
  readonly client?: DynamoDBClient
  /** Uniform in 0..1; spreads those who collided. */
  readonly random: () => number
  readonly sleep: (ms: number) => Promise<void>
  /** Called before each request on the wire, retries and pages included. */
  readonly onRequest?: (request: TableRequest) => void
}

/**
 * The table in DynamoDB (partition key `PK`, sort key `SK`, both text).
 * @throws TypeError on what no table may hold, TableBusy when there is no decision within the budget, and whatever
 * else DynamoDB refuses as our own fault (permissions, a missing table, an item above 400 KB)
 */
export function createDynamoTable(options: DynamoTableOptions): Table {
  const { tableName, client = createDynamoClient(), random, sleep, onRequest = () => undefined } = options
  const connection = { client, tableName, pace: { random, sleep }, onRequest }
  return { ...createReads(connection), ...createWrites(connection) }
}
