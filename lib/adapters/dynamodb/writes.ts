import { createHash } from 'node:crypto'

import type { TransactWriteItem } from '@aws-sdk/client-dynamodb'
import {
  DeleteItemCommand,
  PutItemCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb'

import type { Outcome, Table, Write } from '../../app/ports/table.ts'
import { classifyTransaction, classifyWrite } from './classify.ts'
import { compileWrite } from './compile.ts'
import { decodeItem } from './codec.ts'
import type { Connection, Operation } from './connection.ts'
import { ask } from './connection.ts'
import { assertTransaction, assertWrite } from './limits.ts'

const committed: Outcome = { committed: true }

/** Throttles, conflicts and lost answers are tried again inside; what comes back is a decision. */
export function createWrites(connection: Connection): Pick<Table, 'write' | 'transact'> {
  return {
    write: async (write) => writeOne(connection, write),
    transact: async (opId, writes) => writeAll(connection, opId, writes),
  }
}

async function writeOne(connection: Connection, write: Write): Promise<Outcome> {
  assertWrite(write)
  const { client, tableName } = connection
  const { Put, Update, Delete, ConditionCheck } = compileWrite(tableName, write)
  const once = (operation: Operation, send: () => Promise<unknown>) =>
    ask<Outcome>(
      connection,
      operation,
      1,
      async () => {
        await send()
        return committed
      },
      (error) => classifyWrite(write, error),
    )
  if (Put) return once('PutItem', () => client.send(new PutItemCommand(Put)))
  if (Delete) return once('DeleteItem', () => client.send(new DeleteItemCommand(Delete)))
  if (Update) return update(connection, write, Update)
  // DynamoDB has no check of its own outside of transactions. It changes nothing, so it needs no lasting token.
  const check = { TransactItems: [{ ConditionCheck }] }
  return once('TransactWriteItems', () => client.send(new TransactWriteItemsCommand(check)))
}

/** Who adds to a number learns what it is then; other updates need no answer. */
async function update(
  connection: Connection,
  write: Write,
  input: NonNullable<TransactWriteItem['Update']>,
): Promise<Outcome> {
  const adds = write.kind === 'update' && write.add !== undefined
  const command = { ...input, ...(adds && { ReturnValues: 'ALL_NEW' as const }) }
  const send = async (): Promise<Outcome> => {
    const { Attributes } = await connection.client.send(new UpdateItemCommand(command))
    return Attributes ? { committed: true, item: decodeItem(Attributes) } : committed
  }
  return ask(connection, 'UpdateItem', 1, send, (error) => classifyWrite(write, error))
}

async function writeAll(connection: Connection, opId: string, writes: readonly Write[]): Promise<Outcome> {
  assertTransaction(opId, writes)
  const { client, tableName } = connection
  const input = {
    TransactItems: writes.map((write) => compileWrite(tableName, write)),
    ClientRequestToken: tokenOf(opId),
  }
  const send = async () => {
    await client.send(new TransactWriteItemsCommand(input))
    return committed
  }
  const read = (error: unknown) => classifyTransaction(opId, writes, error)
  return ask(connection, 'TransactWriteItems', writes.length, send, read)
}

/**
 * For ten minutes DynamoDB answers a repeated token with success and does nothing, so a try whose answer was lost is
 * safe to send again. A token holds 36 characters at most.
 */
function tokenOf(opId: string): string {
  return opId.length <= 36 ? opId : createHash('sha256').update(opId).digest('base64url').slice(0, 36)
}
