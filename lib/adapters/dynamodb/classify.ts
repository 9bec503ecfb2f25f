import type { CancellationReason } from '@aws-sdk/client-dynamodb'
import { ConditionalCheckFailedException, TransactionCanceledException } from '@aws-sdk/client-dynamodb'

import type { Lost, Outcome, Write } from '../../app/ports/table.ts'
import { decodeItem } from './codec.ts'
import { decide, markOf } from './outcome.ts'
import type { Miss } from './retry.ts'

/** What an error of DynamoDB means: a decision, a miss (ask again), or a fault, which nobody here can mend. */
export type Meaning = Outcome | Miss | 'fault'

const busyReasons = new Set(['TransactionConflict', 'ThrottlingError', 'ProvisionedThroughputExceeded'])

const busyErrors = new Set([
  'TransactionConflictException',
  'ReplicatedWriteConflictException',
  'ThrottlingException',
  'ThrottlingError',
  'RequestLimitExceeded',
  'ProvisionedThroughputExceededException',
])

/** In progress is our own try before this one: its answer is still to come, under the same token. */
const unansweredErrors = new Set(['TransactionInProgressException', 'RequestTimeout'])

const brokenConnections = new Set([
  'ECONNRESET',
  'ECONNREFUSED',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EAI_AGAIN',
])

/** For everything without conditions: reads, and what remains of writes. */
export function classifyFault(error: unknown): Miss | 'fault' {
  if (!(error instanceof Error)) return 'fault'
  if (busyErrors.has(error.name)) return 'busy'
  if (error.name === 'TimeoutError') return 'silent'
  if (unansweredErrors.has(error.name) || brokenConnections.has(codeOf(error))) return 'unanswered'
  return statusOf(error) >= 500 ? 'unanswered' : 'fault'
}

/** For one conditional write; a lone check travels as a transaction. */
export function classifyWrite(write: Write, error: unknown): Meaning {
  if (!(error instanceof ConditionalCheckFailedException))
    return classifyTransaction(undefined, [write], error)
  return decide(markOf(write), [lostAt(0, write, error)])
}

/** For a transaction, whose cancellation gives one reason for each write. */
export function classifyTransaction(
  opId: string | undefined,
  writes: readonly Write[],
  error: unknown,
): Meaning {
  if (!(error instanceof TransactionCanceledException)) return classifyFault(error)
  const reasons = error.CancellationReasons ?? []
  const codes = reasons.map((reason) => reason.Code ?? 'None').filter((code) => code !== 'None')
  const failed = (code: string) => code === 'ConditionalCheckFailed'
  const understood = codes.every((code) => failed(code) || busyReasons.has(code))
  if (!understood || codes.length === 0 || reasons.length !== writes.length) return 'fault'
  const outcome = decide(opId, lostIn(writes, reasons))
  // A conflict hides whether its own condition holds. Callers weigh the reasons against each other (a replay must
  // not be told "no permit" because its idempotency record was in conflict), so half a list is no decision: ask
  // again. Our mark on any item is one, whatever else was in conflict.
  const complete = codes.every(failed)
  return complete || (outcome.committed && codes.some(failed)) ? outcome : 'busy'
}

function lostIn(writes: readonly Write[], reasons: readonly CancellationReason[]): Lost[] {
  return writes.flatMap((write, index) => {
    const reason = reasons[index]
    return reason?.Code === 'ConditionalCheckFailed' ? [lostAt(index, write, reason)] : []
  })
}

function lostAt(index: number, write: Write, { Item }: Pick<CancellationReason, 'Item'>): Lost {
  const place = { index, condition: write.when.name }
  return Item && Object.keys(Item).length > 0 ? { ...place, item: decodeItem(Item) } : place
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : ''
}

function statusOf(error: Error): number {
  const metadata: unknown = '$metadata' in error ? error.$metadata : undefined
  if (typeof metadata !== 'object' || metadata === null || !('httpStatusCode' in metadata)) return 0
  return typeof metadata.httpStatusCode === 'number' ? metadata.httpStatusCode : 0
}
