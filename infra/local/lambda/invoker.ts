import { randomUUID } from 'node:crypto'
import type { Clock } from './clock.ts'
import { type FunctionDefinition, type Invocation, type InvokeResult, serviceRefused } from './invocation.ts'
import type { Pool } from './pool.ts'

export type Invoker = {
  /**
   * Runs a function once and answers how it ended; throttled, unknown and refused are answers too.
   * Rejects only with the reason of the signal: an invocation that nobody began is then taken back, one that
   * has begun goes on, as it does on the service.
   */
  readonly invoke: (nameOrArn: string, payload: string, options?: InvokeOptions) => Promise<InvokeResult>
  /** The definition that a name, partial ARN or ARN (with or without `$LATEST`) means. */
  readonly find: (nameOrArn: string) => FunctionDefinition | undefined
  /** Resolves once no invocation is under way. */
  readonly drained: () => Promise<void>
}

export type InvokeOptions = { readonly signal?: AbortSignal; readonly requestId?: string }

export type InvokerSettings = {
  readonly functions: readonly FunctionDefinition[]
  readonly pool: Pool
  readonly clock: Clock
  /** How long an invocation may wait for a process before it is throttled. */
  readonly queueMilliseconds: number
  /** Told of each invocation, by the function's name, whatever becomes of it. */
  readonly onInvoke?: (functionName: string) => void
}

export function createInvoker(settings: InvokerSettings): Invoker {
  const { functions, pool, clock, queueMilliseconds, onInvoke } = settings
  const names = new Map(
    functions.flatMap((definition) => namesOf(definition).map((name) => [name, definition])),
  )
  const underWay = new Map<string, number>()
  const drains: (() => void)[] = []
  let turns = 0

  const count = (name: string, change: 1 | -1): void => {
    const left = (underWay.get(name) ?? 0) + change
    if (left > 0) underWay.set(name, left)
    else underWay.delete(name)
    if (underWay.size === 0) for (const resolve of drains.splice(0)) resolve()
  }
  const find = (nameOrArn: string): FunctionDefinition | undefined => names.get(nameOrArn)

  const invoke: Invoker['invoke'] = async (nameOrArn, payload, options = {}) => {
    const { signal, requestId = randomUUID() } = options
    signal?.throwIfAborted()
    const definition = find(nameOrArn)
    if (definition === undefined) return notFound(nameOrArn)
    const { name, reservedConcurrency = Number.POSITIVE_INFINITY } = definition
    onInvoke?.(name)
    if ((underWay.get(name) ?? 0) >= reservedConcurrency) {
      return throttled('ReservedFunctionConcurrentInvocationLimitExceeded')
    }

    count(name, 1)
    const { promise, resolve, reject } = Promise.withResolvers<InvokeResult>()
    const cancelWait = clock.after(queueMilliseconds, () => {
      if (pool.withdraw(name, invocation)) settle(throttled('ConcurrentInvocationLimitExceeded'))
    })
    const settle = (result: InvokeResult): void => {
      cancelWait()
      signal?.removeEventListener('abort', abandon)
      count(name, -1)
      resolve(result)
    }
    const abandon = (): void => {
      reject(signal?.reason)
      if (pool.withdraw(name, invocation)) settle(throttled('CallerLeft'))
    }
    const invocation: Invocation = {
      requestId,
      payload,
      turn: (turns += 1),
      arrivedAt: clock.now(),
      onStart: cancelWait,
      settle,
    }
    signal?.addEventListener('abort', abandon)
    pool.enqueue(name, invocation)
    return await promise
  }

  const drained = async (): Promise<void> => {
    if (underWay.size === 0) return
    const { promise, resolve } = Promise.withResolvers<void>()
    drains.push(resolve)
    await promise
  }
  return { invoke, find, drained }
}

function namesOf({ name, arn }: FunctionDefinition): string[] {
  const account = arn.split(':')[4] ?? ''
  const plain = [name, arn, `${account}:function:${name}`]
  return [...plain, ...plain.map((each) => `${each}:$LATEST`)]
}

function notFound(nameOrArn: string): InvokeResult {
  const errorMessage = `Function not found: ${nameOrArn}`
  return serviceRefused({ errorType: 'ResourceNotFoundException', errorMessage })
}

function throttled(reason: string): InvokeResult {
  return serviceRefused({ errorType: 'TooManyRequestsException', errorMessage: 'Rate Exceeded.', reason })
}
