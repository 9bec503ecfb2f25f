import { Logger } from '@aws-lambda-powertools/logger'
import type { Journal } from '../app/ports/ports.ts'
import { redact, redactText } from './redact.ts'

/** One logger per function; its context (request, function) is set by whoever handles an invocation. */
export const logger = new Logger({ serviceName: 'drydock' })

/** Structured lines in the function's log, without anything secret. */
export const logJournal: Journal = {
  info: (message, facts) => logger.info(redactText(message), { facts: redact(facts) }),
  warn: (message, facts) => logger.warn(redactText(message), { facts: redact(facts) }),
}

/** A fault of our own, with its stack: for operators, never for callers. */
export const logFault = (error: unknown): void => {
  const stack = error instanceof Error ? redactText(error.stack ?? '') : undefined
  logger.error('a fault of our own', { fault: redact(error), stack })
}
