import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  SFNClient,
  StartExecutionCommand,
  type DescribeExecutionOutput,
  type HistoryEvent,
} from '@aws-sdk/client-sfn'
import {
  startStepFunctions,
  type LambdaAnswer,
  type MachineSource,
  type StatusChange,
  type StepFunctionsOptions,
} from '../../../../infra/local/stepfunctions/server.ts'
import { machineArn } from './machine.ts'

export interface Service extends AsyncDisposable {
  readonly client: SFNClient
  readonly endpoint: string
  readonly changes: readonly StatusChange[]
  /** Starts an execution of the only machine. @returns its ARN */
  start(input?: unknown, name?: string): Promise<string>
  /** Waits for the end. */
  ended(arn: string): Promise<DescribeExecutionOutput>
  history(arn: string): Promise<readonly HistoryEvent[]>
}

/** The stand-in and the real SDK client for it; closed when the test's scope ends. */
export async function service(
  machine: MachineSource,
  options: Partial<StepFunctionsOptions> = {},
): Promise<Service> {
  const changes: StatusChange[] = []
  const ends = new Map<string, PromiseWithResolvers<void>>()
  const endOf = (arn: string): PromiseWithResolvers<void> => {
    const end = ends.get(arn) ?? Promise.withResolvers<void>()
    ends.set(arn, end)
    return end
  }
  const server = await startStepFunctions({
    stateMachines: [machine],
    invokeLambda: async (_, payload) => answer(payload),
    sdkIntegrations: { 'dynamodb:updateItem': async () => ({}) },
    onStatusChange: (change) => {
      changes.push(change)
      if (change.status !== 'RUNNING') endOf(change.executionArn).resolve()
    },
    ...options,
  })
  const client = clientOf(server.endpoint)
  return {
    client,
    endpoint: server.endpoint,
    changes,
    start: async (input = {}, name) => {
      const started = await client.send(
        new StartExecutionCommand({ stateMachineArn: machineArn, name, input: JSON.stringify(input) }),
      )
      return String(started.executionArn)
    },
    ended: async (arn) => {
      await endOf(arn).promise
      return client.send(new DescribeExecutionCommand({ executionArn: arn }))
    },
    history: async (arn) => {
      const { events = [] } = await client.send(new GetExecutionHistoryCommand({ executionArn: arn }))
      return events
    },
    [Symbol.asyncDispose]: async () => {
      client.destroy()
      await server.close()
    },
  }
}

export function clientOf(endpoint: string): SFNClient {
  return new SFNClient({
    endpoint,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  })
}

export function answer(payload: string): LambdaAnswer {
  return { ok: true, payload }
}

export function refusal(errorType: string, errorMessage = 'no'): LambdaAnswer {
  return { ok: false, errorType, errorMessage }
}

/** Calls as they come in, each answered when the test says so. */
export interface Calls<Request, Answer> {
  readonly take: (request: Request) => Promise<Answer>
  /** The next call that was not looked at yet. */
  next(): Promise<{
    readonly request: Request
    readonly answer: (value: Answer) => void
    readonly refuse: (error: Error) => void
  }>
}

export function calls<Request, Answer>(): Calls<Request, Answer> {
  type Call = Awaited<ReturnType<Calls<Request, Answer>['next']>>
  const come: Call[] = []
  const waiting: ((call: Call) => void)[] = []
  return {
    take: (request) => {
      const { promise, resolve, reject } = Promise.withResolvers<Answer>()
      const call: Call = { request, answer: resolve, refuse: reject }
      const waiter = waiting.shift()
      if (waiter) waiter(call)
      else come.push(call)
      return promise
    },
    next: () =>
      new Promise((resolve) => {
        const call = come.shift()
        if (call) resolve(call)
        else waiting.push(resolve)
      }),
  }
}
