import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb'
import { DynamoDBDocumentClient, GetCommand, paginateScan } from '@aws-sdk/lib-dynamodb'
import type { Served } from '../../../infra/local/trial/serve.ts'

export interface StoredLease {
  /** Pool -> sort key of its place in that pool's queue. */
  readonly waiters: Readonly<Record<string, string>>
}

/** What the table holds of leases, which the API does not show. */
export async function storedLeases(
  served: Pick<Served, 'endpoints'>,
  ids: readonly string[],
): Promise<readonly StoredLease[]> {
  return withTable(served, async (client, TableName) =>
    Promise.all(
      ids.map(async (id) => {
        const Key = { PK: `L#${id}`, SK: 'META' }
        const { Item } = await client.send(new GetCommand({ TableName, Key, ConsistentRead: true }))
        return Item as StoredLease
      }),
    ),
  )
}

/** Everything that the table holds, by key. */
export async function wholeTable(served: Pick<Served, 'endpoints'>): Promise<ReadonlyMap<string, unknown>> {
  return withTable(served, async (client, TableName) => {
    const found = new Map<string, unknown>()
    for await (const { Items = [] } of paginateScan({ client }, { TableName, ConsistentRead: true })) {
      for (const item of Items) found.set(`${String(item['PK'])} ${String(item['SK'])}`, item)
    }
    return new Map([...found].toSorted(([a], [b]) => (a < b ? -1 : 1)))
  })
}

async function withTable<T>(
  { endpoints }: Pick<Served, 'endpoints'>,
  use: (client: DynamoDBDocumentClient, table: string) => Promise<T>,
): Promise<T> {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }
  const client = new DynamoDBClient({
    endpoint: endpoints['dynamodb'] ?? '',
    region: 'us-east-1',
    credentials,
  })
  try {
    const { TableNames: [table = ''] = [] } = await client.send(new ListTablesCommand({}))
    return await use(DynamoDBDocumentClient.from(client), table)
  } finally {
    client.destroy()
  }
}
