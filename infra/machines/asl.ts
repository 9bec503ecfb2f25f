import { ERRORS } from '../../lib/contract/machines.ts'
import { FUNCTIONS } from '../settings.ts'

/** Amazon States Language in its JSONata dialect, as far as these machines use it. */
export interface Definition {
  readonly Comment: string
  readonly QueryLanguage: 'JSONata'
  readonly StartAt: string
  readonly States: Readonly<Record<string, State>>
}

export type State = Task | Choice | Wait | Succeed

export interface Task {
  readonly Type: 'Task'
  readonly Comment?: string
  readonly Resource: string
  readonly Arguments: Readonly<Record<string, unknown>>
  readonly TimeoutSeconds: number | string
  readonly HeartbeatSeconds?: string
  readonly Retry?: readonly Retrier[]
  readonly Catch?: readonly Catcher[]
  readonly Assign?: Readonly<Record<string, unknown>>
  readonly Output?: unknown
  readonly Next: string
}

export interface Choice {
  readonly Type: 'Choice'
  readonly Comment?: string
  readonly Choices: readonly { readonly Condition: string; readonly Next: string }[]
  readonly Default: string
}

export interface Wait {
  readonly Type: 'Wait'
  readonly Comment?: string
  readonly Seconds: string
  readonly Assign?: Readonly<Record<string, unknown>>
  readonly Next: string
}

export interface Succeed {
  readonly Type: 'Succeed'
}

export interface Retrier {
  readonly ErrorEquals: readonly string[]
  readonly IntervalSeconds: number
  readonly BackoffRate: number
  readonly MaxDelaySeconds: number
  readonly MaxAttempts: number
  readonly JitterStrategy: 'FULL'
}

export interface Catcher {
  readonly ErrorEquals: readonly string[]
  readonly Output?: unknown
  readonly Next: string
}

export const expression = (source: string): string => `{% ${source} %}`

/** A rule of a Choice over the `route` of a function's answer. */
export const on = (route: string, next: string) => ({
  Condition: expression(`$states.input.route = '${route}'`),
  Next: next,
})

/** Nothing ran, or nothing was written: again, spread out, for about a minute. */
export const whenBusy: Retrier = {
  ErrorEquals: [
    'Lambda.ServiceException',
    'Lambda.AWSLambdaException',
    'Lambda.SdkClientException',
    'Lambda.ClientExecutionTimeoutException',
    'Lambda.TooManyRequestsException',
    ERRORS.tableBusy,
  ],
  IntervalSeconds: 1,
  BackoffRate: 2,
  MaxDelaySeconds: 20,
  MaxAttempts: 8,
  JitterStrategy: 'FULL',
}

/**
 * Whatever else went wrong, a timeout included: a few tries. Right wherever a second run finds what the first one
 * wrote, and that is every step here.
 */
export const whenFailed = (tries: number): Retrier => ({
  ErrorEquals: ['States.ALL'],
  IntervalSeconds: 2,
  BackoffRate: 2,
  MaxDelaySeconds: 20,
  MaxAttempts: tries - 1,
  JitterStrategy: 'FULL',
})

/** What a machine calls: ARNs of its functions. */
export interface Called {
  readonly partition: string
  readonly functionArn: string
}

/** The state waits longer than the function may run, so that the function's own timeout is the one that is seen. */
const graceSeconds = 15

/** A Task that calls a function and hands on its answer. */
export function call(
  name: keyof typeof FUNCTIONS,
  { partition, functionArn }: Called,
  payload: string,
  rest: Pick<Task, 'Next'> & Partial<Pick<Task, 'Comment' | 'Retry' | 'Catch' | 'Assign'>>,
): Task {
  return {
    Type: 'Task',
    Resource: `arn:${partition}:states:::lambda:invoke`,
    Arguments: { FunctionName: functionArn, Payload: expression(payload) },
    TimeoutSeconds: FUNCTIONS[name].timeoutSeconds + graceSeconds,
    Output: expression('$states.result.Payload'),
    ...rest,
  }
}
