import type { Context } from 'aws-lambda'
import { TableBusy } from '../adapters/dynamodb/retry.ts'
import { ERRORS } from '../contract/machines.ts'
import { logger } from './journal.ts'

/** A function that a machine or a rule calls: its log lines name the invocation, its errors the machine's way on. */
export function step<Input, Answer>(
  run: (input: Input, context: Context) => Promise<Answer>,
): (input: Input, context: Context) => Promise<Answer> {
  return async (input, context) => {
    logger.addContext(context)
    try {
      return await run(input, context)
    } catch (error) {
      throw error instanceof TableBusy ? tableBusy(error) : error
    }
  }
}

/** Machines match errors by name, and try this one again. */
function tableBusy(cause: TableBusy): Error {
  const error = new Error(cause.message, { cause })
  error.name = ERRORS.tableBusy
  return error
}
