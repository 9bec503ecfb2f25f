import type { HostAnswer } from '../../app/ports/hosts.ts'
import { unreachable } from './result.ts'

const PASSING: ReadonlySet<string> = new Set([
  'ThrottlingException',
  'Throttling',
  'RequestLimitExceeded',
  'TooManyRequestsException',
  'SlowDown',
  'InternalServerError',
])

/** What a command that was not taken says of the host. Throws what is a fault of our own. */
export function sendTrouble(error: unknown): HostAnswer<never> {
  const detail = error instanceof Error ? error.message : String(error)
  const name = error instanceof Error ? error.name : ''
  if (name === 'InvalidInstanceId')
    return unreachable(`the node is not there, or its agent is not: ${detail}`)
  if (name === 'AccessDeniedException') {
    // A node that lacks the tag by which our policy knows hosts.
    return { kind: 'failed', fault: 'host', code: 'authentication_failed', detail }
  }
  // A document of another version is being exchanged for ours, by a deployment.
  if (name === 'InvalidDocument' || isPassing(error)) return { kind: 'busy', detail: `${name}: ${detail}` }
  throw error
}

/** The service or the way to it does not serve us for now: nobody's fault, and worth another try. */
export function isPassing(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const { $metadata: metadata } = error as { $metadata?: { httpStatusCode?: number } }
  const status = metadata?.httpStatusCode
  return PASSING.has(error.name) || status === undefined || status === 429 || status >= 500
}
