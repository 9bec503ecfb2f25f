import type { ServerResponse } from 'node:http'
import type { Exit } from '../processes/tied.ts'
import type { Clock } from './clock.ts'
import { launch, type Launched } from './launch.ts'
import {
  type FunctionDefinition,
  functionFailed,
  functionThrew,
  type Invocation,
  type InvokeResult,
  payloadLimits,
} from './invocation.ts'
import { type Refusal, serveRuntime } from './runtime-api.ts'

/** An initialisation may take this long, or the function's timeout where that is longer. */
const initLimitMilliseconds = 10_000

export type WorkerSettings = {
  readonly clock: Clock
  readonly environment: Readonly<Record<string, string>>
  readonly scratchDirectory: string
  readonly compileCacheDirectory: string
  readonly isolateFiles: boolean
  readonly runtime?: readonly string[]
  readonly onLog: (functionName: string, line: string) => void
}

export type WorkerEvents = {
  /** Waits for work: after its initialisation and after each invocation. */
  readonly onIdle: (worker: Worker) => void
  /** It answered an invocation and will be idle next, unless it ends. */
  readonly onAnswered: (worker: Worker) => void
  /** It never came to wait for work; an end follows. */
  readonly onInitFailed: (worker: Worker, result: InvokeResult) => void
  /** The process is gone; whatever it was doing has been settled. Called exactly once. */
  readonly onEnd: (worker: Worker) => void
}

/** One process of one function: it takes one invocation at a time, and is killed when it overruns. */
export type Worker = {
  readonly functionName: string
  /** Gives an idle worker its next invocation. */
  readonly run: (invocation: Invocation) => void
  /** Resolves once the process is gone. */
  readonly kill: () => Promise<void>
}

export function startWorker(
  definition: FunctionDefinition,
  settings: WorkerSettings,
  events: WorkerEvents,
): Worker {
  const { clock } = settings
  const timeout = definition.timeoutSeconds * 1000
  let phase: 'starting' | 'serving' | 'failed' = 'starting'
  let question: ServerResponse | undefined
  let current: Invocation | undefined
  const initLimit = Math.max(initLimitMilliseconds, timeout)
  let cancelLimit = clock.after(initLimit, () => {
    failInit(timedOut('', initLimit))
    void kill()
  })

  const failInit = (result: InvokeResult): void => {
    if (phase !== 'starting') return
    phase = 'failed'
    cancelLimit()
    events.onInitFailed(worker, result)
  }
  const settle = (result: InvokeResult): void => {
    cancelLimit()
    const invocation = current
    current = undefined
    events.onAnswered(worker)
    invocation?.settle(result)
  }
  const answered = (requestId: string, result: InvokeResult): Refusal | undefined => {
    if (current?.requestId !== requestId) return unknownRequest
    settle(result)
    return undefined
  }

  const api = serveRuntime({
    next(reply) {
      if (phase === 'failed') return
      phase = 'serving'
      cancelLimit()
      if (current !== undefined) settle(exited(current.requestId, 'without providing a reason'))
      question = reply
      events.onIdle(worker)
    },
    respond(requestId, payload) {
      const size = Buffer.byteLength(payload)
      if (size <= payloadLimits.response) return answered(requestId, { ok: true, payload })
      const refusal = tooLarge(size)
      return answered(requestId, functionFailed(refusal)) ?? refusal
    },
    fail: (requestId, error) => answered(requestId, functionThrew(error)),
    failInit: (error) => failInit(functionThrew(error)),
  })
  const launched = api.then(({ address }) => launch(definition, settings, address))

  const ended = async (exit: Exit | undefined, why: string): Promise<void> => {
    failInit(functionFailed({ errorType: 'Runtime.ExitError', errorMessage: why }))
    if (current !== undefined) settle(exited(current.requestId, describe(exit)))
    await api.then(
      (served) => served.close(),
      () => undefined, // never served: that is what ended it
    )
    events.onEnd(worker)
  }
  const lifetime = async (): Promise<void> => {
    try {
      const { ended: end } = await launched
      const exit = await end
      await ended(exit, `Error: Runtime exited ${describe(exit)}`)
    } catch (error) {
      await ended(undefined, `Error: Runtime did not start: ${String(error)}`)
    }
  }
  const gone = lifetime()
  const kill = async (): Promise<void> => {
    await launched.then(
      (process: Launched) => process.kill(),
      () => undefined,
    )
    await gone
  }

  const worker: Worker = {
    functionName: definition.name,
    run(invocation) {
      if (question === undefined) throw new Error(`${definition.name}: the worker is not waiting for work`)
      current = invocation
      invocation.onStart()
      cancelLimit = clock.after(timeout, () => {
        settle(timedOut(`RequestId: ${invocation.requestId} `, timeout))
        void kill()
      })
      deliver(question, invocation, definition.arn, clock.now() + timeout)
      question = undefined
    },
    kill,
  }
  return worker
}

function deliver(reply: ServerResponse, invocation: Invocation, arn: string, deadline: number): void {
  const { requestId, payload } = invocation
  reply.writeHead(200, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(payload),
    'Lambda-Runtime-Aws-Request-Id': requestId,
    'Lambda-Runtime-Deadline-Ms': String(deadline),
    'Lambda-Runtime-Invoked-Function-Arn': arn,
    'Lambda-Runtime-Trace-Id': `Root=1-00000000-${requestId.replaceAll('-', '').slice(0, 24)};Sampled=0`,
  })
  reply.end(payload)
}

const unknownRequest: Refusal = {
  status: 400,
  errorType: 'InvalidRequestID',
  errorMessage: 'Invalid request ID',
}

function tooLarge(size: number): Refusal {
  const errorMessage = `Response payload size (${size} bytes) exceeded maximum allowed payload size (${payloadLimits.response} bytes).`
  return { status: 413, errorType: 'Function.ResponseSizeTooLarge', errorMessage }
}

function timedOut(prefix: string, milliseconds: number): InvokeResult {
  const errorMessage = `${prefix}Error: Task timed out after ${(milliseconds / 1000).toFixed(2)} seconds`
  return functionFailed({ errorType: 'Sandbox.Timedout', errorMessage })
}

function exited(requestId: string, how: string): InvokeResult {
  const errorMessage = `RequestId: ${requestId} Error: Runtime exited ${how}`
  return functionFailed({ errorType: 'Runtime.ExitError', errorMessage })
}

function describe(exit: Exit | undefined): string {
  if (exit?.signal) return `with error: signal: ${exit.signal === 'SIGKILL' ? 'killed' : exit.signal}`
  return exit?.code ? `with error: exit status ${exit.code}` : 'without providing a reason'
}
