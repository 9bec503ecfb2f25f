import { callDynamoDb, DynamoDbError } from './wire.ts'

/** A table as `CreateTable` wants it, and the attribute of its time to live. */
export type TableDefinition = {
  readonly name: string
  /** Resolved properties of `AWS::DynamoDB::Table` or `GlobalTable`, or the input of `CreateTable`. */
  readonly definition: Readonly<Record<string, unknown>>
  readonly timeToLiveAttribute?: string
}

/** A table resource of a resolved template. */
export type TableResource = {
  readonly logicalId: string
  readonly type: 'AWS::DynamoDB::Table' | 'AWS::DynamoDB::GlobalTable'
  readonly properties: Readonly<Record<string, unknown>>
}

/** What a resource describes; a table without a name is named like its logical id. */
export function tableOf({ logicalId, properties }: TableResource): TableDefinition {
  const { TableName, TimeToLiveSpecification } = properties as {
    TableName?: string
    TimeToLiveSpecification?: { AttributeName?: string; Enabled?: boolean }
  }
  const { AttributeName, Enabled } = TimeToLiveSpecification ?? {}
  const timeToLive = Enabled === true && AttributeName !== undefined && { timeToLiveAttribute: AttributeName }
  return { name: TableName ?? logicalId, definition: properties, ...timeToLive }
}

/**
 * Creates what is missing: tables, their global indexes, their time to live. Always on demand, without
 * streams. Rejects when a table of that name has another key.
 */
export async function createTables(endpoint: string, tables: readonly TableDefinition[]): Promise<void> {
  await Promise.all(tables.map(async (table) => createTable(endpoint, table)))
}

async function createTable(endpoint: string, table: TableDefinition): Promise<void> {
  const { name, definition, timeToLiveAttribute } = table
  try {
    await callDynamoDb(endpoint, 'CreateTable', {
      TableName: name,
      AttributeDefinitions: definition['AttributeDefinitions'],
      KeySchema: definition['KeySchema'],
      BillingMode: 'PAY_PER_REQUEST',
      ...indexes(definition, 'GlobalSecondaryIndexes'),
      ...indexes(definition, 'LocalSecondaryIndexes'),
    })
  } catch (error) {
    if (!(error instanceof DynamoDbError) || error.code !== 'ResourceInUseException') throw error
    await completeTable(endpoint, table)
  }
  if (timeToLiveAttribute !== undefined) await enableTimeToLive(endpoint, name, timeToLiveAttribute)
}

type Index = {
  readonly IndexName: string
  readonly KeySchema: readonly Key[]
  readonly Projection?: object
}
type Key = { readonly AttributeName: string; readonly KeyType: string }

/** Without capacity, contributor insights and the like, which only the template knows. */
function indexes(
  definition: TableDefinition['definition'],
  kind: 'GlobalSecondaryIndexes' | 'LocalSecondaryIndexes',
): Readonly<Record<string, Index[]>> {
  const found = (definition[kind] ?? []) as readonly Index[]
  if (found.length === 0) return {}
  const bare = ({ IndexName, KeySchema, Projection = { ProjectionType: 'ALL' } }: Index): Index => ({
    IndexName,
    KeySchema,
    Projection,
  })
  return { [kind]: found.map(bare) }
}

async function completeTable(endpoint: string, { name, definition }: TableDefinition): Promise<void> {
  const { Table } = await callDynamoDb(endpoint, 'DescribeTable', { TableName: name })
  const existing = Table as { KeySchema: readonly Key[]; GlobalSecondaryIndexes?: readonly Index[] }
  const wanted = keyText(definition['KeySchema'] as readonly Key[])
  if (keyText(existing.KeySchema) !== wanted) {
    throw new Error(`table ${name} exists with the key ${keyText(existing.KeySchema)}, not ${wanted}`)
  }
  const there = new Set(existing.GlobalSecondaryIndexes?.map(({ IndexName }) => IndexName))
  const missing = (indexes(definition, 'GlobalSecondaryIndexes')['GlobalSecondaryIndexes'] ?? []).filter(
    ({ IndexName }) => !there.has(IndexName),
  )
  for (const index of missing) {
    await callDynamoDb(endpoint, 'UpdateTable', {
      TableName: name,
      AttributeDefinitions: definition['AttributeDefinitions'],
      GlobalSecondaryIndexUpdates: [{ Create: index }],
    })
  }
}

const keyText = (schema: readonly Key[]): string =>
  schema.map(({ AttributeName, KeyType }) => `${AttributeName} ${KeyType}`).join(', ')

async function enableTimeToLive(endpoint: string, name: string, AttributeName: string): Promise<void> {
  const { TimeToLiveDescription } = await callDynamoDb(endpoint, 'DescribeTimeToLive', { TableName: name })
  const { TimeToLiveStatus = '' } = (TimeToLiveDescription ?? {}) as { TimeToLiveStatus?: string }
  if (TimeToLiveStatus.startsWith('ENABL')) return
  const TimeToLiveSpecification = { AttributeName, Enabled: true }
  await callDynamoDb(endpoint, 'UpdateTimeToLive', { TableName: name, TimeToLiveSpecification })
}
