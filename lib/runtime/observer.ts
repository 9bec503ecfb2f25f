import { TableBusy } from '../adapters/dynamodb/retry.ts'
import type { Observer } from '../http/handler.ts'
import { logFault, logger } from './journal.ts'

/** Log lines carry the request id that callers are told, and the route; never what was sent. */
export const observer: Observer = {
  begin: ({ requestId, route }, context) => {
    logger.addContext(context)
    logger.appendKeys({ requestId, route })
  },
  fault: logFault,
  passes: (error) => error instanceof TableBusy,
}
