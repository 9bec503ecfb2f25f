import { rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Clock, systemClock } from './clock.ts'
import { createEventQueue } from './events.ts'
import { listenOnLoopback } from './http.ts'
import { createInvokeApi } from './invoke-api.ts'
import { createInvoker, type InvokeOptions } from './invoker.ts'
import type { FunctionDefinition, InvokeResult } from './invocation.ts'
import { createPool } from './pool.ts'
import { makeScratchDirectory } from '../processes/leftovers.ts'

export type LambdaOptions = {
  readonly functions: readonly FunctionDefinition[]
  /** Added to every function's environment; the function's own entries win. */
  readonly environment: Readonly<Record<string, string>>
  /** Processes of all functions together (60-85 MB each). Invocations wait for room, idle ones make room. */
  readonly maxProcesses: number
  /** Gets every line that a function's process writes. */
  readonly onLog: (functionName: string, line: string) => void
  /** Told of each invocation that somebody asks for. */
  readonly onInvoke?: (functionName: string) => void
  readonly clock?: Clock
  /** Port of the Invoke API; 0 (the default) takes a free one. */
  readonly port?: number
  /** An idle process ends after this long. Default 300. */
  readonly idleSeconds?: number
  /**
   * How long an invocation waits for a running process of its function before another one is started for it: where all
   * share few cores, a start costs more than a short wait. Default 0, as on the service.
   */
  readonly growAfterMilliseconds?: number
  /** An invocation that finds no room below `maxProcesses` for this long is throttled. Default 30. */
  readonly queueSeconds?: number
  /** Where compiled code is kept for later cold starts; a temporary directory by default. */
  readonly compileCacheDirectory?: string
  /** Where the functions' scratch directories are made while this runs; the system's by default. */
  readonly temporaryDirectory?: string
  /** Whether a function may touch no files but its code (read) and its own scratch directory. Default true. */
  readonly isolateFiles?: boolean
  /** Command line of another runtime that speaks the Runtime API, such as the official aws-lambda-ric. */
  readonly runtime?: readonly string[]
  /** How long `close` waits for what is under way before it kills. Default 5. */
  readonly graceSeconds?: number
}

export type Lambda = {
  /** URL of the Invoke API, for `AWS_ENDPOINT_URL_LAMBDA`. */
  readonly endpoint: string
  /**
   * Runs a function once, without HTTP; the payload is JSON text. Every end is an answer; rejects only with
   * the signal's reason.
   */
  readonly invoke: (nameOrArn: string, payload: string, options?: InvokeOptions) => Promise<InvokeResult>
  /** Hands over an event and returns: tried again after one and two minutes when the function fails. */
  readonly send: (nameOrArn: string, payload: string) => { readonly accepted: boolean }
  /** Starts a process for each of these functions that has none; resolves once they wait for work. */
  readonly warm: (names: readonly string[]) => Promise<void>
  readonly close: () => Promise<void>
}

/** Starts the stand-in for AWS Lambda: the Invoke API on loopback and the processes behind it. */
export async function startLambda(options: LambdaOptions): Promise<Lambda> {
  const { functions, clock = systemClock, onLog, graceSeconds = 5 } = options
  const scratchDirectory = makeScratchDirectory(options.temporaryDirectory ?? tmpdir(), 'local-lambda')
  const pool = createPool(functions, {
    clock,
    onLog,
    scratchDirectory,
    environment: options.environment,
    compileCacheDirectory: options.compileCacheDirectory ?? join(scratchDirectory, 'compiled'),
    isolateFiles: options.isolateFiles ?? true,
    ...(options.runtime && { runtime: options.runtime }),
    maxProcesses: options.maxProcesses,
    maxStarting: availableParallelism(),
    growAfterMilliseconds: options.growAfterMilliseconds ?? 0,
    idleMilliseconds: (options.idleSeconds ?? 300) * 1000,
  })
  const queueMilliseconds = (options.queueSeconds ?? 30) * 1000
  const invoker = createInvoker({
    functions,
    pool,
    clock,
    queueMilliseconds,
    ...(options.onInvoke && { onInvoke: options.onInvoke }),
  })
  const events = createEventQueue(invoker, clock, onLog)
  const server = createInvokeApi(invoker, events)
  const port = await listenOnLoopback(server, options.port)

  return {
    endpoint: `http://127.0.0.1:${port}`,
    invoke: invoker.invoke,
    send(nameOrArn, payload) {
      const definition = invoker.find(nameOrArn)
      if (definition !== undefined) events.accept(definition, payload)
      return { accepted: definition !== undefined }
    },
    async warm(names) {
      await Promise.all(names.map(async (name) => pool.warm(invoker.find(name)?.name ?? name)))
    },
    async close() {
      server.close()
      events.close()
      if (graceSeconds > 0) {
        const patience = Promise.withResolvers<void>()
        const cancel = clock.after(graceSeconds * 1000, patience.resolve)
        await Promise.race([invoker.drained(), patience.promise])
        cancel()
      }
      await pool.close()
      events.close()
      server.closeAllConnections()
      rmSync(scratchDirectory, { recursive: true, force: true })
    },
  }
}
