import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DescribeTableCommand, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb'
import { expect, test } from 'vitest'
import { findBinary } from '../../../infra/local/dynamodb/binary.ts'
import { superviseDynoxide } from '../../../infra/local/dynamodb/supervisor.ts'
import { makeVolatileDirectory } from '../../../infra/local/dynamodb/volatile.ts'
import { callDynamoDb } from '../../../infra/local/dynamodb/wire.ts'
import { eventually, groupOf } from '../processes/inspect.ts'
import { startParent } from '../processes/parent.ts'
import { dynamoDb, key } from './client.ts'

test('an emulator that dies is started again on the same port with what was committed', async () => {
  using place = temporary()
  const lines: string[] = []
  const onLog = (line: string): number => lines.push(line)
  const supervised = await superviseDynoxide(findBinary(), join(place.path, 'db'), onLog)
  const first = supervised.pid()
  await callDynamoDb(supervised.endpoint, 'CreateTable', {
    TableName: 'kept',
    AttributeDefinitions: [{ AttributeName: 'PK', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'PK', KeyType: 'HASH' }],
    BillingMode: 'PAY_PER_REQUEST',
  })

  process.kill(first, 'SIGKILL')
  await eventually('another one runs', () => supervised.pid() !== first)

  const { TableNames } = await callDynamoDb(supervised.endpoint, 'ListTables', {})
  await supervised.close()
  expect(TableNames).toEqual(['kept'])
  expect(lines).toContainEqual(expect.stringContaining('SIGKILL'))
  await eventually('nothing is left', () => groupOf(supervised.pid()).length === 0)
})

test('an emulator dies with a parent that was killed by SIGKILL', async () => {
  using place = temporary()
  await using held = await startParent('../../dynamodb/holds-an-emulator', join(place.path, 'db'))
  const before = groupOf(held.pid)

  held.parent.kill('SIGKILL')

  await eventually('the emulator is gone', () => groupOf(held.pid).length === 0)
  expect(before).toContain(held.pid)
})

test('a binary that cannot start is an error', async () => {
  const lines: string[] = []

  const start = superviseDynoxide('/bin/false', '/dev/null', (line) => lines.push(line))

  await expect(start).rejects.toThrow('ended at start (1)')
})

test('with a directory the items are there after an orderly restart', async () => {
  using place = temporary()
  const directory = join(place.path, 'tables')
  const Item = { ...key('a'), value: { S: 'kept' } }
  {
    await using running = await dynamoDb({ directory })
    await running.client.send(new PutItemCommand({ TableName: 'items', Item }))
  }

  await using again = await dynamoDb({ directory })
  const found = await again.client.send(new GetItemCommand({ TableName: 'items', Key: key('a') }))

  expect(found.Item).toEqual(Item)
})

test('volatile items leave no directory behind', async () => {
  using place = temporary()
  const made = makeVolatileDirectory(place.path)
  mkdirSync(join(place.path, 'local-dynamodb-999999999-killed'))
  mkdirSync(join(place.path, 'of-somebody-else'))

  const next = makeVolatileDirectory(place.path)

  const left = readdirSync(place.path).map((name) => join(place.path, name))
  expect(left.toSorted()).toEqual([made, next, join(place.path, 'of-somebody-else')].toSorted())
})

test('where an endpoint is given nothing is started and the tables are made there', async () => {
  await using other = await dynamoDb({ tables: [] })

  await using running = await dynamoDb({ endpoint: other.service.endpoint })

  expect(running.service.endpoint).toBe(other.service.endpoint)
  const { Table } = await other.client.send(new DescribeTableCommand({ TableName: 'items' }))
  expect(Table?.TableStatus).toBe('ACTIVE')
})

test('without a binary for the platform the error says what to do', () => {
  const find = (): string => findBinary('sunos', 'sparc')

  expect(find).toThrow(/sunos-sparc.*AWS_ENDPOINT_URL_DYNAMODB/)
})

function temporary(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), 'supervisor-'))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}
