import {
  LeaseEndedError,
  LeaseLostError,
  ProblemError,
  ReleaseFailedError,
  UnexpectedAnswerError,
  UnreachableError,
} from '../errors.ts'
import { EXIT, ofSignal } from './exit-codes.ts'
import { InterruptedError } from './interruption.ts'
import type { Screen } from './screen.ts'
import { DocumentError, SettingsError } from './usage.ts'

const SIGPIPE = 13

/** Says what went wrong and answers the exit code that stands for it. */
export function report(error: unknown, screen: Screen): number {
  if (error instanceof InterruptedError) return error.exitCode
  if (isClosedPipe(error)) return ofSignal(SIGPIPE)
  if (error instanceof LeaseLostError) {
    screen.say('lease_lost', { leaseId: error.leaseId, detail: error.message })
    return EXIT.leaseLost
  }
  if (error instanceof LeaseEndedError) {
    const { id, status, reason, detail } = error.lease
    screen.say('lease_never_active', { leaseId: id, reason: reason ?? status, detail })
    return reason === 'wait_timeout' ? EXIT.neverActive : EXIT.failed
  }
  if (error instanceof ReleaseFailedError) {
    screen.say('release_failed', { leaseId: error.leaseId, detail: messageOf(error.cause) })
    return typeof error.result === 'number' ? error.result : EXIT.failed
  }
  sayFailure(error, screen)
  return EXIT.failed
}

function sayFailure(error: unknown, screen: Screen): void {
  if (error instanceof ProblemError) {
    const { code, detail, requestId } = error
    screen.say('refused', { code, detail, requestId, hints: hintsOf(error) })
  } else if (error instanceof UnreachableError || error instanceof UnexpectedAnswerError) {
    screen.say('unreachable', { detail: error.message })
  } else if (error instanceof SettingsError) {
    screen.say('settings', { detail: error.message })
  } else if (error instanceof DocumentError) {
    for (const { place, detail } of error.faults) screen.say('document_invalid', { place, detail })
  } else {
    screen.say('internal', {
      detail: error instanceof Error ? (error.stack ?? error.message) : String(error),
    })
  }
}

function hintsOf({ hints }: ProblemError): string | undefined {
  if (hints === undefined) return undefined
  const parts = Object.entries(hints).map(
    ([key, value]) => `${key}: ${Array.isArray(value) ? value.join(', ') : value}`,
  )
  return `[${parts.join('; ')}]`
}

function isClosedPipe(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EPIPE'
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
