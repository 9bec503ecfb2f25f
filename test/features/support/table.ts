import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb'
import { DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb'
import type { Served } from '../../../infra/local/trial/serve.ts'

export interface StoredLease {
  /** Pool -> sort key of its place in that pool's queue. */
  readonly waiters: Readonly<Record<string, string>>
}

/** What the table holds of leases, which the API does not show. */
export async function storedLeases(served: Served, ids: readonly string[]): Promise<readonly StoredLease[]> {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }
  const client = new DynamoDBClient({
    endpoint: served.endpoints['dynamodb'] ?? '',
    region: 'us-east-1',
    credentials,
  })
  try {
    const { TableNames: [TableName] = [] } = await client.send(new ListTablesCommand({}))
    const documents = DynamoDBDocumentClient.from(client)
    return await Promise.all(
      ids.map(async (id) => {
        const Key = { PK: `L#${id}`, SK: 'META' }
        const { Item } = await documents.send(new GetCommand({ TableName, Key, ConsistentRead: true }))
        return Item as StoredLease
      }),
    )
  } finally {
    client.destroy()
  }
}
