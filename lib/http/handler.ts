import withMiddleware from '@middy/core'
import type { Context } from 'aws-lambda'
import { refuse } from '../domain/refusals.ts'
import type { Answer } from './answer.ts'
import { faultAnswer, refusalAnswer } from './problem.ts'
import type { ApiEvent } from './request.ts'

/** What a handler tells about its work, and how it knows a fault that passes. */
export interface Observer {
  readonly begin: (request: { readonly requestId: string; readonly route: string }, context: Context) => void
  readonly fault: (error: unknown) => void
  /** The table or the like gave no answer in time: asking again is right. */
  readonly passes: (error: unknown) => boolean
}

/** Before the function would be killed without a word. Milliseconds. */
const EARLY = 1_000

class OutOfTime extends Error {
  override readonly name = 'OutOfTime'
}

/** A Lambda handler around the router: whatever happens, the caller gets a problem and operators a log line. */
export function createHandler(route: (event: ApiEvent) => Promise<Answer>, observer: Observer) {
  const outOfTime = () => {
    throw new OutOfTime('the answer took too long')
  }
  return withMiddleware<ApiEvent, Answer>({ timeoutEarlyInMillis: EARLY, timeoutEarlyResponse: outOfTime })
    .before(({ event, context }) => {
      observer.begin({ requestId: event.requestContext.requestId, route: event.routeKey }, context)
    })
    .onError((request) => {
      observer.fault(request.error)
      request.response = failed(request.error, request.event.requestContext.requestId, observer)
    })
    .handler(route)
}

function failed(error: unknown, requestId: string, { passes }: Observer): Answer {
  if (!(error instanceof OutOfTime) && !passes(error)) return faultAnswer(requestId)
  const { refusal } = refuse('unavailable', 'There was no answer in time; ask again with the same key.', {
    retryAfterSeconds: 1,
  })
  return refusalAnswer(refusal, requestId)
}
