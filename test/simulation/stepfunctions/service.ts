import { StateFailure } from '../../../infra/local/stepfunctions/asl/failure.ts'
import type { TaskState } from '../../../infra/local/stepfunctions/asl/program.ts'
import type { Json } from '../../../infra/local/stepfunctions/json.ts'
import { isObject, parseJson } from '../../../infra/local/stepfunctions/json.ts'
import { TableBusy } from '../../../lib/adapters/dynamodb/retry.ts'
import type { Table } from '../../../lib/app/ports/table.ts'
import type { Functions } from '../invocations/functions.ts'
import type { HandlerName } from '../invocations/handlers.ts'
import type { Outside } from '../invocations/process.ts'
import type { Execution, Surroundings, TaskCall } from './execution.ts'
import { runExecution } from './execution.ts'
import { updateItem } from './integration.ts'
import { functionOf, machineOf } from './programs.ts'
import { createTokens } from './tokens.ts'

/** Step Functions in virtual time: the real definitions, executed. */
export interface StepFunctions {
  /** True where an execution of that name and input runs now; false where one has closed, or has another input. */
  /** Whether an execution of this ARN was ever started. */
  readonly exists: (executionArn: string) => boolean
  readonly start: (machineArn: string, name: string, input: string) => boolean
  /** False where nobody waits for the token any more. */
  readonly succeed: (token: string) => boolean
  readonly heartbeat: (token: string) => boolean
  /** As an operator does, or a fault of the service. */
  readonly stop: (execution: Execution) => void
  readonly running: () => readonly Execution[]
  /** States entered and tried again, by machine. */
  readonly transitions: () => Readonly<Record<string, number>>
  /** Executions by how they ended. */
  readonly ended: () => Readonly<Record<string, number>>
}

export interface StepFunctionsOptions {
  readonly outside: Outside
  readonly functions: () => Functions
  /** The table as the service's own integration reaches it. */
  readonly tableFor: (execution: Execution) => Table
  /** An execution ended badly. */
  readonly endedBadly: (execution: Execution) => void
  readonly fault: (sentence: string) => void
}

export function createStepFunctions(options: StepFunctionsOptions): StepFunctions {
  const { outside, functions, tableFor, endedBadly, fault } = options
  const { kernel, random, log } = outside
  const executions = new Map<string, Execution>()
  const running = new Set<Execution>()
  const tokens = createTokens(kernel)
  const transitions: Record<string, number> = {}
  const ended: Record<string, number> = {}
  let made = 0

  const count = (counts: Record<string, number>, name: string) => {
    counts[name] = (counts[name] ?? 0) + 1
  }

  /** What a stopped execution waits for never comes. */
  const whileRunning = <T>(execution: Execution, work: Promise<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      work.then(
        (value) => execution.status === 'RUNNING' && resolve(value),
        (error: unknown) => execution.status === 'RUNNING' && reject(error as Error),
      )
    })

  const around: Surroundings = {
    transition: (execution, state) => {
      count(transitions, execution.machine)
      log.add(execution.name.slice(-14), `-> ${state}`)
    },
    sleep: (execution, milliseconds) => whileRunning(execution, kernel.sleep(milliseconds)),
    perform: (execution, task, call) =>
      whileRunning(
        execution,
        call.token === undefined ? invoke(task, call) : park(execution, call, call.token),
      ),
    newToken: () => `token-${(made += 1)}`,
    fraction: () => random.fraction(),
  }

  function invoke(task: TaskState, { given, timeoutMs }: TaskCall): Promise<Json> {
    if (!isObject(given) || typeof given['FunctionName'] !== 'string')
      throw new Error(`${task.name} calls nothing that is known`)
    const name = functionOf(given['FunctionName']) as HandlerName
    return new Promise((resolve, reject) => {
      kernel.after(timeoutMs, () => reject(new StateFailure('States.Timeout', '')))
      functions().invoke(name, given['Payload'], (answer) => {
        if (!answer.ok) return reject(new StateFailure(answer.error, answer.cause))
        return resolve({ StatusCode: 200, Payload: parseJson(JSON.stringify(answer.value ?? null)) })
      })
    })
  }

  /** Stores the token in the table, and waits until somebody uses it, which may be sooner. */
  async function park(execution: Execution, call: TaskCall, token: string): Promise<Json> {
    const used = tokens.wait(token, call.timeoutMs, call.heartbeatMs)
    const stored = updateItem(tableFor(execution), call.given)
    await new Promise<void>((resolve, reject) => {
      used.then(resolve, reject)
      stored.catch((error: unknown) => {
        tokens.drop(token)
        reject(
          error instanceof TableBusy
            ? new StateFailure('DynamoDb.ProvisionedThroughputExceededException', error.message)
            : (error as Error),
        )
      })
    })
    return {}
  }

  function close(execution: Execution, status: 'SUCCEEDED' | 'FAILED' | 'ABORTED'): void {
    execution.status = status
    running.delete(execution)
    count(ended, `${execution.machine} ${status.toLowerCase()}`)
    log.add(execution.name.slice(-14), status)
    if (status !== 'SUCCEEDED') endedBadly(execution)
  }

  async function live(execution: Execution): Promise<void> {
    try {
      await runExecution(execution, around)
      close(execution, 'SUCCEEDED')
    } catch (error) {
      if (!(error instanceof StateFailure)) fault(`execution ${execution.name}: ${String(error)}`)
      log.add(execution.name.slice(-14), String(error))
      close(execution, 'FAILED')
    }
  }

  return {
    start: (arn, name, text) => {
      const machine = machineOf(arn)
      const key = `${machine} ${name}`
      const known = executions.get(key)
      if (known) return known.status === 'RUNNING' && JSON.stringify(known.input) === text
      const input = parseJson(text)
      const execution: Execution = { machine, name, input: isObject(input) ? input : {}, status: 'RUNNING' }
      executions.set(key, execution)
      running.add(execution)
      count(ended, `${machine} started`)
      kernel.after(random.between(5, 50), () => {
        if (execution.status === 'RUNNING') void live(execution)
      })
      return true
    },
    exists: (arn) => executions.has(arn.replace(/^.*:execution:drydock-([a-z]+):/, '$1 ')),
    succeed: tokens.succeed,
    heartbeat: tokens.heartbeat,
    stop: (execution) => {
      if (execution.status === 'RUNNING') close(execution, 'ABORTED')
    },
    running: () => [...running],
    transitions: () => transitions,
    ended: () => ended,
  }
}
