import { randomUUID } from 'node:crypto'
import type { Clock } from './clock.ts'
import type { FunctionDefinition, InvokeResult } from './invocation.ts'
import type { Invoker } from './invoker.ts'

/** After a failure the service tries an event again after one minute, then after two more, then drops it. */
const retryDelays = [60_000, 120_000]
const defaultAgeSeconds = 6 * 3600
const longestThrottleDelay = 300_000

export type EventQueue = {
  /** Takes an event for asynchronous invocation and answers its request id. */
  readonly accept: (definition: FunctionDefinition, payload: string) => string
  /** Forgets the events that wait for another try; says of each that it was dropped. */
  readonly close: () => void
}

type Try = {
  readonly definition: FunctionDefinition
  readonly payload: string
  readonly requestId: string
  readonly acceptedAt: number
  readonly failures: number
  readonly throttles: number
}

export function createEventQueue(
  invoker: Invoker,
  clock: Clock,
  onLog: (functionName: string, line: string) => void,
): EventQueue {
  const later = new Map<string, { readonly event: Try; readonly cancel: () => void }>()

  const attempt = async (event: Try): Promise<void> => {
    const { definition, payload, requestId } = event
    later.delete(requestId)
    const result = await invoker.invoke(definition.name, payload, { requestId })
    if (result.ok) return
    const retry = nextTry(event, result)
    const maximumAge = (definition.maximumEventAgeSeconds ?? defaultAgeSeconds) * 1000
    const expired = clock.now() + (retry?.delay ?? 0) - event.acceptedAt > maximumAge
    if (retry === undefined || expired) return drop(event, result.errorMessage)
    const cancel = clock.after(retry.delay, () => void attempt(retry.event))
    later.set(requestId, { event: retry.event, cancel })
  }
  const drop = ({ definition, requestId }: Try, why: string): void =>
    onLog(definition.name, `event ${requestId} dropped: ${why}`)

  return {
    accept(definition, payload) {
      const requestId = randomUUID()
      const acceptedAt = clock.now()
      void attempt({ definition, payload, requestId, acceptedAt, failures: 0, throttles: 0 })
      return requestId
    },
    close() {
      for (const { event, cancel } of later.values()) {
        cancel()
        drop(event, 'the service is stopping')
      }
      later.clear()
    },
  }
}

function nextTry(
  event: Try,
  result: InvokeResult & { ok: false },
): { delay: number; event: Try } | undefined {
  if (result.errorType === 'TooManyRequestsException' && result.origin === 'service') {
    const delay = Math.min(1000 * 2 ** event.throttles, longestThrottleDelay)
    return { delay, event: { ...event, throttles: event.throttles + 1 } }
  }
  const delays = retryDelays.slice(0, event.definition.retryAttempts ?? retryDelays.length)
  const delay = result.origin === 'function' ? delays[event.failures] : undefined
  return delay === undefined ? undefined : { delay, event: { ...event, failures: event.failures + 1 } }
}
