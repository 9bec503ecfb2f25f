import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { type DynamoDb, type DynamoDbOptions, startDynamoDb } from '../../../infra/local/dynamodb/start.ts'
import type { TableDefinition } from '../../../infra/local/dynamodb/tables.ts'

export const items: TableDefinition = {
  name: 'items',
  definition: {
    AttributeDefinitions: [
      { AttributeName: 'PK', AttributeType: 'S' },
      { AttributeName: 'SK', AttributeType: 'S' },
    ],
    KeySchema: [
      { AttributeName: 'PK', KeyType: 'HASH' },
      { AttributeName: 'SK', KeyType: 'RANGE' },
    ],
  },
}

export const key = (PK: string, SK = '-') => ({ PK: { S: PK }, SK: { S: SK } })
export const number = (value: number) => ({ N: String(value) })

export type Running = AsyncDisposable & {
  readonly service: DynamoDb
  readonly client: DynamoDBClient
  readonly lines: string[]
}

/** A running DynamoDB with the table `items` and a client that tries once; stopped when disposed of. */
export async function dynamoDb(options: Partial<DynamoDbOptions> = {}, maxAttempts = 1): Promise<Running> {
  const lines: string[] = []
  const service = await startDynamoDb({ tables: [items], onLog: (line) => lines.push(line), ...options })
  const client = clientOf(service.endpoint, maxAttempts)
  const stop = async (): Promise<void> => {
    client.destroy()
    await service.close()
  }
  return { service, client, lines, [Symbol.asyncDispose]: stop }
}

export function clientOf(endpoint: string, maxAttempts = 1): DynamoDBClient {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }
  return new DynamoDBClient({ endpoint, region: 'eu-central-1', credentials, maxAttempts })
}
