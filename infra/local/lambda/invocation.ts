/** A function as the template describes it. */
export type FunctionDefinition = {
  readonly name: string
  readonly arn: string
  /** `file.export`, as in `index.handler`. */
  readonly handler: string
  readonly codeDirectory: string
  readonly timeoutSeconds: number
  readonly memoryMb: number
  readonly environment: Readonly<Record<string, string>>
  /** Invocations at once; more are throttled. 0 throttles all. */
  readonly reservedConcurrency?: number
  /** Further tries of an event that failed, 0 to 2. Default 2. */
  readonly retryAttempts?: number
  /** After this an event is dropped. Default 6 hours. */
  readonly maximumEventAgeSeconds?: number
}

/**
 * How an invocation ended. A failure of origin `function` is what the function answered or suffered
 * (X-Amz-Function-Error); of origin `service`, the invocation was refused and the function never saw it.
 * The payload is JSON text.
 */
export type InvokeResult =
  | { readonly ok: true; readonly payload: string }
  | ({ readonly ok: false; readonly origin: 'function' | 'service'; readonly payload: string } & Failure)

type Failure = { readonly errorType: string; readonly errorMessage: string }

export type Invocation = {
  readonly requestId: string
  readonly payload: string
  /** Orders the invocations of all functions by arrival. */
  readonly turn: number
  readonly arrivedAt: number
  /** Called when a process takes it on. */
  readonly onStart: () => void
  readonly settle: (result: InvokeResult) => void
}

/** The service's limits of a payload in bytes: request and answer of a synchronous call, and an event. */
export const payloadLimits = { request: 6 * 1024 * 1024, event: 1024 * 1024, response: 6 * 1024 * 1024 + 100 }

export function functionFailed(failure: Failure): InvokeResult {
  const { errorType, errorMessage } = failure
  return { ok: false, origin: 'function', ...failure, payload: JSON.stringify({ errorType, errorMessage }) }
}

export function serviceRefused(failure: Failure & { readonly reason?: string }): InvokeResult {
  const { errorType, errorMessage, reason } = failure
  const payload = JSON.stringify({ Type: 'User', Message: errorMessage, Reason: reason })
  return { ok: false, origin: 'service', errorType, errorMessage, payload }
}

/** Reads the JSON that a runtime posts as an error; what is missing gets the service's own names. */
export function functionThrew(posted: string): InvokeResult {
  const { errorType = 'Runtime.Unknown', errorMessage = '' } = parseError(posted)
  return { ok: false, origin: 'function', errorType, errorMessage, payload: posted }
}

function parseError(posted: string): Partial<Failure> {
  try {
    const value = JSON.parse(posted) as Partial<Failure> | null
    return { ...value }
  } catch {
    return { errorType: 'Runtime.Unknown', errorMessage: posted }
  }
}
