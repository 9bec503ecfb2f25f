import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'

import { classifyFault } from './classify.ts'
import type { Miss, Pace } from './retry.ts'
import { persist } from './retry.ts'

/** One request that is about to be sent; `tries` counts from 1, `items` are those named in it. */
export interface TableRequest {
  readonly operation: Operation
  readonly tries: number
  readonly items: number
}

export type Operation =
  | 'GetItem'
  | 'BatchGetItem'
  | 'Query'
  | 'PutItem'
  | 'UpdateItem'
  | 'DeleteItem'
  | 'TransactWriteItems'

export interface Connection {
  readonly client: DynamoDBClient
  readonly tableName: string
  readonly pace: Pace
  readonly onRequest: (request: TableRequest) => void
}

/** Sends until there is an answer; every request on the wire is counted. */
export function ask<Answer extends object>(
  { pace, onRequest }: Connection,
  operation: Operation,
  items: number,
  send: () => Promise<Answer>,
  read: (error: unknown) => Answer | Miss | 'fault' = classifyFault,
): Promise<Answer> {
  const attempt = (tries: number) => {
    onRequest({ operation, tries, items })
    return send()
  }
  return persist(operation, pace, attempt, read)
}
