import { systemClock, type Clock } from './clock.ts'
import { startEngine, type EngineOptions } from './engine/engine.ts'
import { executionOperations } from './service/executions.ts'
import { serveHttp } from './service/http.ts'
import { machineOperations } from './service/machines.ts'
import { taskOperations } from './service/tasks.ts'

export type { Callees, LambdaAnswer } from './engine/calls.ts'
export type { MachineSource } from './engine/machines.ts'
export type { StatusChange } from './engine/status-change.ts'

export interface StepFunctionsOptions extends Omit<EngineOptions, 'clock' | 'random'> {
  readonly clock?: Clock | undefined
  /** From 0 to 1, for the jitter of retries. */
  readonly random?: (() => number) | undefined
  /** 0 or absent: any free one. */
  readonly port?: number | undefined
}

export interface StepFunctions {
  readonly endpoint: string
  /** Ends after what is under way is journaled; a start with the same journal goes on from there. */
  close(): Promise<void>
}

/**
 * AWS Step Functions on the loopback address, for Standard machines in the JSONata dialect.
 * With a journal, executions outlive the process: calls that were under way are made again, tokens stay
 * valid, waits and backoffs end when they would have ended.
 * @throws Error when a definition cannot be run, the journal cannot be read or the port is taken
 */
export async function startStepFunctions(options: StepFunctionsOptions): Promise<StepFunctions> {
  const engine = startEngine({
    ...options,
    clock: options.clock ?? systemClock,
    random: options.random ?? Math.random,
  })
  const operations = {
    ...machineOperations(engine),
    ...executionOperations(engine),
    ...taskOperations(engine),
  }
  const service = await serveHttp(operations, options.port ?? 0).catch(async (error: unknown) => {
    await engine.close()
    throw error
  })
  return { endpoint: service.endpoint, close: () => service.close(() => engine.close()) }
}
