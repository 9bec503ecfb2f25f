import { expression } from './asl.ts'
import type { Catcher, Task } from './asl.ts'

export interface Waiting {
  readonly partition: string
  readonly tableName: string
  /** First part of the record's key, before its id. */
  readonly prefix: string
  /** Where the execution's input has the id. */
  readonly id: string
  /** What must be so besides, as attribute and expression of a number. */
  readonly numbers: Readonly<Record<string, string>>
}

/** What goes wrong by itself now and then: it is looked again at once. */
const PASSED = ['DynamoDb.ConditionalCheckFailedException', 'States.Timeout']

/**
 * Waits without a Lambda: stores the token by which others awaken it, if the record still has this status and was told
 * as often as whoever sent it here has seen. What happened in between is looked at before it waits.
 */
export function awaitWork(
  { partition, tableName, prefix, id, numbers }: Waiting,
  status: string,
  next: string,
  trouble: Catcher,
  comment: string,
): Task {
  const counts = { told: '$states.input.told', ...numbers }
  const names = Object.keys(counts)
  return {
    Type: 'Task',
    Comment: comment,
    Resource: `arn:${partition}:states:::aws-sdk:dynamodb:updateItem.waitForTaskToken`,
    Arguments: {
      TableName: tableName,
      Key: { PK: { S: expression(`'${prefix}#' & ${id}`) }, SK: { S: 'META' } },
      UpdateExpression: 'SET taskToken = :token',
      ConditionExpression: ['#status = :status', ...names.map((name) => `${name} = :${name}`)].join(' AND '),
      ExpressionAttributeNames: { '#status': 'status' },
      ExpressionAttributeValues: {
        ':token': { S: expression('$states.context.Task.Token') },
        ':status': { S: status },
        ...Object.fromEntries(
          Object.entries(counts).map(([name, source]) => [
            `:${name}`,
            { N: expression(`$string(${source})`) },
          ]),
        ),
      },
    },
    TimeoutSeconds: expression('$states.input.timeoutSeconds'),
    Catch: [{ ErrorEquals: PASSED, Next: next }, trouble],
    Next: next,
  }
}
