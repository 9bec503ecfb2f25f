import type { Failure } from '../../../infra/local/stepfunctions/asl/failure.ts'
import { matches, StateFailure } from '../../../infra/local/stepfunctions/asl/failure.ts'
import type { Retrier } from '../../../infra/local/stepfunctions/asl/definition.ts'
import type { Exit, State, TaskState } from '../../../infra/local/stepfunctions/asl/program.ts'
import type { Scope } from '../../../infra/local/stepfunctions/asl/query.ts'
import type { Json, JsonObject } from '../../../infra/local/stepfunctions/json.ts'
import { isObject } from '../../../infra/local/stepfunctions/json.ts'
import { leave, secondsFrom } from '../../../infra/local/stepfunctions/engine/outcome.ts'
import type { MachineName } from './programs.ts'
import { PROGRAMS } from './programs.ts'

/** What an execution needs of its surroundings. Promises that it waits for are never settled once it was stopped. */
export interface Surroundings {
  /** A state is entered, or tried again. */
  readonly transition: (execution: Execution, state: string) => void
  readonly sleep: (execution: Execution, milliseconds: number) => Promise<void>
  /** Calls what a Task calls; by a token, where there is one. @throws StateFailure */
  readonly perform: (execution: Execution, task: TaskState, call: TaskCall) => Promise<Json>
  readonly newToken: () => string
  readonly fraction: () => number
}

export interface TaskCall {
  readonly given: Json
  readonly token: string | undefined
  readonly timeoutMs: number
  readonly heartbeatMs: number | undefined
}

export interface Execution {
  readonly machine: MachineName
  readonly name: string
  readonly input: JsonObject
  status: 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'ABORTED'
}

/** Runs the definition from state to state. Ends where it ends; throws what nothing caught. */
export async function runExecution(execution: Execution, around: Surroundings): Promise<void> {
  const program = PROGRAMS[execution.machine]
  let variables: JsonObject = {}
  let input: Json = execution.input
  let name: string | null = program.startAt
  while (name !== null) {
    const state = program.states.get(name)
    if (!state) throw new Error(`no state ${name}`)
    around.transition(execution, name)
    const left: Left = await work(execution, around, state, { input, variables })
    variables = { ...variables, ...left.assigned }
    input = left.output
    name = left.next
  }
}

interface Left {
  readonly next: string | null
  readonly output: Json
  readonly assigned: JsonObject
}

interface Entered {
  readonly input: Json
  readonly variables: JsonObject
}

async function work(
  execution: Execution,
  around: Surroundings,
  state: State,
  entered: Entered,
): Promise<Left> {
  const scope = scopeOf(execution, entered)
  switch (state.type) {
    case 'Task':
      return task(execution, around, state, entered)
    case 'Choice': {
      for (const rule of state.rules) {
        const holds =
          typeof rule.condition === 'boolean' ? rule.condition : await rule.condition(scope, 'Condition')
        if (holds === true) return go(rule, scope, entered.input)
      }
      if (!state.otherwise) throw new StateFailure('States.NoChoiceMatched', state.name)
      return go(state.otherwise, scope, entered.input)
    }
    case 'Wait':
      if (!state.seconds) throw new Error(`${state.name} waits for an instant, which is not simulated`)
      await around.sleep(execution, await secondsFrom(state.seconds, scope, 'Seconds', 0))
      return go(state, scope, entered.input)
    case 'Pass':
    case 'Succeed':
      return go(state, scope, entered.input)
    case 'Fail':
    case 'Map':
    case 'Parallel':
      throw new Error(`${state.type} is not simulated`)
  }
}

/** Tries until it succeeds, or no retrier is left; then a catcher decides. */
async function task(
  execution: Execution,
  around: Surroundings,
  state: TaskState,
  entered: Entered,
): Promise<Left> {
  const tries = new Map<Retrier, number>()
  for (;;) {
    try {
      const result = await attempt(execution, around, state, entered)
      return await go(state, scopeOf(execution, entered, { result }), result)
    } catch (thrown) {
      if (!(thrown instanceof StateFailure)) throw thrown
      const { failure } = thrown
      const retrier = state.retriers.find(({ ErrorEquals }) => matches(ErrorEquals, failure.error))
      const tried = retrier ? (tries.get(retrier) ?? 0) : 0
      if (retrier && tried < retrier.MaxAttempts) {
        tries.set(retrier, tried + 1)
        await around.sleep(execution, backoff(retrier, tried) * around.fraction() * 1_000)
        around.transition(execution, `${state.name} again`)
        continue
      }
      const catcher = state.catchers.find(({ errorEquals }) => matches(errorEquals, failure.error))
      if (!catcher) throw thrown
      const errorOutput = outputOf(failure)
      return go(catcher, scopeOf(execution, entered, { errorOutput }), errorOutput)
    }
  }
}

const backoff = ({ IntervalSeconds, BackoffRate, MaxDelaySeconds = Infinity }: Retrier, tried: number) =>
  Math.min(IntervalSeconds * BackoffRate ** tried, MaxDelaySeconds)

const outputOf = ({ error, cause }: Failure): JsonObject => ({ Error: error, Cause: cause })

async function attempt(
  execution: Execution,
  around: Surroundings,
  state: TaskState,
  entered: Entered,
): Promise<Json> {
  const token = state.target.token ? around.newToken() : undefined
  const scope = scopeOf(execution, entered, { token })
  const given = state.arguments ? await state.arguments(scope) : entered.input
  if (!state.timeoutSeconds) throw new Error(`${state.name} has no timeout`)
  const timeoutMs = await secondsFrom(state.timeoutSeconds, scope, 'TimeoutSeconds', 1)
  const heartbeatMs =
    state.heartbeatSeconds && (await secondsFrom(state.heartbeatSeconds, scope, 'HeartbeatSeconds', 1))
  if (heartbeatMs !== undefined && heartbeatMs >= timeoutMs)
    throw new StateFailure('States.Runtime', 'HeartbeatSeconds must be smaller than TimeoutSeconds.')
  return around.perform(execution, state, { given, token, timeoutMs, heartbeatMs })
}

async function go(exit: Exit, scope: Scope, fallback: Json): Promise<Left> {
  const left = await leave(exit, scope, fallback)
  if (left.kind !== 'leave') throw new Error('a state was not left')
  return left
}

/** What the definitions' expressions can see; nothing in them asks for more of the context. */
function scopeOf(
  execution: Execution,
  { input, variables }: Entered,
  more: { readonly result?: Json; readonly errorOutput?: Json; readonly token?: string | undefined } = {},
): Scope {
  const context: JsonObject = {
    Execution: { Name: execution.name, Input: execution.input },
    ...(more.token === undefined ? {} : { Task: { Token: more.token } }),
  }
  return {
    variables,
    states: {
      input: isObject(input) ? input : {},
      context,
      ...(more.result === undefined ? {} : { result: more.result }),
      ...(more.errorOutput === undefined ? {} : { errorOutput: more.errorOutput }),
    },
  }
}
