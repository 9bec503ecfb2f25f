import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import { BatchGetItemCommand, GetItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb'

import type { Item, Key, Query, Table } from '../../app/ports/table.ts'
import { decodeItem, encodeAttributes } from './codec.ts'
import { keyOnWire } from './compile.ts'
import type { Connection } from './connection.ts'
import { ask } from './connection.ts'
import { assertKey, assertKeys, assertQuery, identityOf } from './limits.ts'
import { isEmptyRange } from './order.ts'
import { budget, delayAfter, TableBusy } from './retry.ts'

/** Every read is consistent: a stale one shows taken slots and hides free ones. */
export function createReads(connection: Connection): Pick<Table, 'get' | 'getAll' | 'query'> {
  return {
    get: async (key) => getOne(connection, key),
    getAll: async (keys) => getMany(connection, keys),
    query: async (query) => getRange(connection, query),
  }
}

async function getOne(connection: Connection, key: Key): Promise<Item | undefined> {
  assertKey(key)
  const input = { TableName: connection.tableName, Key: keyOnWire(key), ConsistentRead: true }
  const { Item } = await ask(connection, 'GetItem', 1, () =>
    connection.client.send(new GetItemCommand(input)),
  )
  return Item && decodeItem(Item)
}

/** DynamoDB refuses a key twice, answers in any order, and leaves out what did not fit into 16 MB. */
async function getMany(connection: Connection, keys: readonly Key[]): Promise<readonly (Item | undefined)[]> {
  assertKeys(keys)
  const found = new Map<string, Item>()
  let left = [...new Map(keys.map((key) => [identityOf(key), keyOnWire(key)])).values()]
  let fruitless = 0
  while (left.length > 0) {
    const { items, unread } = await getBatch(connection, left)
    for (const item of items) found.set(identityOf(item), item)
    fruitless = unread.length < left.length ? 0 : fruitless + 1
    if (fruitless >= budget.tries) throw new TableBusy('BatchGetItem', fruitless, false, undefined)
    left = unread
    if (left.length > 0) await connection.pace.sleep(delayAfter(fruitless + 1, connection.pace.random))
  }
  return keys.map((key) => found.get(identityOf(key)))
}

async function getBatch(connection: Connection, keys: readonly Record<string, AttributeValue>[]) {
  const { client, tableName } = connection
  const input = { RequestItems: { [tableName]: { Keys: [...keys], ConsistentRead: true } } }
  const send = () => client.send(new BatchGetItemCommand(input))
  const { Responses, UnprocessedKeys } = await ask(connection, 'BatchGetItem', keys.length, send)
  return {
    items: (Responses?.[tableName] ?? []).map(decodeItem),
    unread: UnprocessedKeys?.[tableName]?.Keys ?? [],
  }
}

async function getRange(connection: Connection, query: Query): Promise<readonly Item[]> {
  assertQuery(query)
  if (isEmptyRange(query)) return []
  const { client, tableName } = connection
  const range = compileRange(query)
  const found: Item[] = []
  let ExclusiveStartKey: Record<string, AttributeValue> | undefined
  do {
    const page = { TableName: tableName, ...range, Limit: query.limit - found.length, ExclusiveStartKey }
    const send = () => client.send(new QueryCommand(page))
    const { Items, LastEvaluatedKey } = await ask(connection, 'Query', 1, send)
    for (const item of Items ?? []) found.push(decodeItem(item))
    ExclusiveStartKey = LastEvaluatedKey
  } while (ExclusiveStartKey && found.length < query.limit)
  return found
}

function compileRange({ PK, from, to, backwards = false }: Query) {
  const bounds = {
    ':pk': PK,
    ...(from !== undefined && { ':from': from }),
    ...(to !== undefined && { ':to': to }),
  }
  const within =
    from !== undefined && to !== undefined
      ? ' AND SK BETWEEN :from AND :to'
      : from !== undefined
        ? ' AND SK >= :from'
        : to !== undefined
          ? ' AND SK <= :to'
          : ''
  return {
    KeyConditionExpression: `PK = :pk${within}`,
    ExpressionAttributeValues: encodeAttributes(bounds),
    ConsistentRead: true,
    ScanIndexForward: !backwards,
  }
}
