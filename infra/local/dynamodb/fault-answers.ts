import type { CancellationCode, DynamoDbCall, Fault } from './faults.ts'

export type FaultAnswer = { readonly status: number; readonly body: object }

type Answering = Exclude<Fault, { kind: 'drop' } | { kind: 'hang' } | { kind: 'delay' }>

/** What the service would answer to a request that meets this fault. */
export function answerOf(fault: Answering, operation: string, input: DynamoDbCall['input']): FaultAnswer {
  switch (fault.kind) {
    case 'throttle': {
      const { errorType = 'ProvisionedThroughputExceededException' } = fault
      return refused(400, errorType, throttleMessages[errorType])
    }
    case 'internalError':
      return refused(500, 'InternalServerError', 'Internal server error')
    case 'conflict':
      return conflict(operation, input, fault.reasons)
    case 'unprocessed':
      return unprocessed(operation, input)
  }
}

const throttleMessages = {
  ProvisionedThroughputExceededException:
    'The level of configured provisioned throughput for the table was exceeded.',
  ThrottlingException: 'Throughput exceeds the current capacity of your table or index.',
}

const reasonMessages: Readonly<Record<CancellationCode, string | undefined>> = {
  None: undefined,
  TransactionConflict: 'Transaction is ongoing for the item',
  ThrottlingError: 'Throughput exceeds the current capacity of your table or index.',
  ProvisionedThroughputExceeded: 'The level of configured provisioned throughput for the table was exceeded.',
}

function conflict(
  operation: string,
  { TransactItems }: DynamoDbCall['input'],
  reasons: readonly CancellationCode[] = ['TransactionConflict'],
): FaultAnswer {
  if (!operation.startsWith('Transact')) {
    return refused(400, 'TransactionConflictException', reasonMessages.TransactionConflict ?? '')
  }
  const codes = (TransactItems as readonly unknown[]).map((_, index) => reasons[index] ?? 'None')
  const message = `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes.join(', ')}]`
  const { status, body } = refused(400, 'TransactionCanceledException', message)
  const CancellationReasons = codes.map((Code) => ({ Code, Message: reasonMessages[Code] }))
  return { status, body: { ...body, Message: message, CancellationReasons } }
}

function unprocessed(operation: string, { RequestItems }: DynamoDbCall['input']): FaultAnswer {
  if (operation === 'BatchGetItem')
    return { status: 200, body: { Responses: {}, UnprocessedKeys: RequestItems } }
  if (operation === 'BatchWriteItem') return { status: 200, body: { UnprocessedItems: RequestItems } }
  throw new Error(`${operation} has no unprocessed keys`)
}

function refused(status: number, name: string, message: string): FaultAnswer {
  return { status, body: { __type: `com.amazonaws.dynamodb.v20120810#${name}`, message } }
}
