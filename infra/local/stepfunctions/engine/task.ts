import { StateFailure, type Failure } from '../asl/failure.ts'
import type { TaskState } from '../asl/program.ts'
import { isObject, parseJson, type Json } from '../json.ts'
import type { Branch, Call, Phase } from './execution.ts'
import { whole, type Details } from './history.ts'
import { leave, secondsFrom, type Outcome } from './outcome.ts'
import { payloadText, scopeOf } from './scope.ts'
import { record, type Turn } from './turn.ts'

export type TaskPhase = Extract<Phase, { at: 'task' }>

/** What a call came back with: JSON text, or how it failed. */
export type Returned =
  | { readonly ok: true; readonly output: string }
  | { readonly ok: false; readonly error: string; readonly cause: string }

/** One attempt: a new token, arguments evaluated anew. The call itself goes out when the turn is journaled. */
export async function attempt(turn: Turn, branch: Branch, state: TaskState): Promise<Outcome> {
  const token = state.target.token ? turn.newToken() : null
  const scope = scopeOf(turn.execution, branch, { token })
  const given = state.arguments ? await state.arguments(scope) : branch.input
  const timeoutMs =
    state.timeoutSeconds && (await secondsFrom(state.timeoutSeconds, scope, 'TimeoutSeconds', 1))
  const heartbeatMs =
    state.heartbeatSeconds && (await secondsFrom(state.heartbeatSeconds, scope, 'HeartbeatSeconds', 1))
  if (timeoutMs !== undefined && heartbeatMs !== undefined && heartbeatMs >= timeoutMs) {
    throw new StateFailure('States.Runtime', 'HeartbeatSeconds must be smaller than TimeoutSeconds.')
  }

  const parameters = payloadText(given, 'Arguments of the task')
  const call = callOf(state, given)
  recordSchedule(turn, branch, state, parameters, timeoutMs, heartbeatMs)
  const now = turn.clock.now()
  return {
    kind: 'rest',
    phase: {
      at: 'task',
      call,
      token,
      submitted: false,
      timeoutAt: timeoutMs === undefined ? null : now + timeoutMs,
      heartbeatAt: token === null || heartbeatMs === undefined ? null : now + heartbeatMs,
      heartbeatMs: heartbeatMs ?? null,
    },
  }
}

function callOf({ target }: TaskState, given: Json): Call {
  if (target.kind === 'function') {
    return { kind: 'function', functionName: target.functionName, payload: JSON.stringify(given) }
  }
  if (!isObject(given)) throw new StateFailure('States.Runtime', 'Arguments must be an object.')
  if (target.kind === 'sdk') {
    return { kind: 'sdk', service: target.service, key: target.key, parameters: given }
  }
  const { FunctionName, Payload = {}, Qualifier, InvocationType = 'RequestResponse' } = given
  if (typeof FunctionName !== 'string') {
    throw new StateFailure('States.Runtime', 'Arguments must have a FunctionName.')
  }
  if (InvocationType !== 'RequestResponse') {
    throw new StateFailure(
      'States.Runtime',
      `InvocationType ${JSON.stringify(InvocationType)} is not supported.`,
    )
  }
  const functionName = typeof Qualifier === 'string' ? `${FunctionName}:${Qualifier}` : FunctionName
  return { kind: 'lambda', functionName, payload: JSON.stringify(Payload) }
}

/** The call is back. With a token that ends the state only if the call failed. */
export async function afterCall(
  turn: Turn,
  branch: Branch,
  state: TaskState,
  phase: TaskPhase,
  returned: Returned,
): Promise<Outcome> {
  if (!returned.ok) return failedTask(turn, branch, state, 'Failed', returned)
  if (!state.target.token) return succeededTask(turn, branch, state, returned.output)
  recordTask(turn, branch, state, 'Submitted', { output: returned.output, outputDetails: whole })
  return { kind: 'rest', phase: { ...phase, submitted: true } }
}

export async function succeededTask(
  turn: Turn,
  branch: Branch,
  state: TaskState,
  output: string,
): Promise<Outcome> {
  const result =
    state.target.kind === 'lambda' && !state.target.token ? invocationResult(output) : readable(output)
  const text = payloadText(result, 'result of the task')
  recordTask(turn, branch, state, 'Succeeded', { output: text, outputDetails: whole })
  return leave(state, scopeOf(turn.execution, branch, { result }), result)
}

export function failedTask(
  turn: Turn,
  branch: Branch,
  state: TaskState,
  how: 'Failed' | 'TimedOut',
  { error, cause }: Failure,
): Outcome {
  recordTask(turn, branch, state, how, { error, cause })
  return { kind: 'failed', failure: { error, cause } }
}

function invocationResult(payload: string): Json {
  return { ExecutedVersion: '$LATEST', Payload: readable(payload), StatusCode: 200 }
}

/** A payload that is no JSON is handed on as the string that it is. */
function readable(text: string): Json {
  if (text === '') return null
  try {
    return parseJson(text)
  } catch {
    return text
  }
}

function recordSchedule(
  turn: Turn,
  branch: Branch,
  state: TaskState,
  parameters: string,
  timeoutMs: number | undefined,
  heartbeatMs: number | undefined,
): void {
  const limits: Details = {
    ...(timeoutMs !== undefined && { timeoutInSeconds: timeoutMs / 1000 }),
    ...(heartbeatMs !== undefined && { heartbeatInSeconds: heartbeatMs / 1000 }),
  }
  if (state.target.kind === 'function') {
    const { resource } = state
    record(turn, branch, 'LambdaFunctionScheduled', {
      resource,
      input: parameters,
      inputDetails: whole,
      ...limits,
    })
    record(turn, branch, 'LambdaFunctionStarted')
    return
  }
  const region = turn.execution.machine.arn.split(':')[3]
  recordTask(turn, branch, state, 'Scheduled', { region, parameters, ...limits })
  recordTask(turn, branch, state, 'Started', {})
}

function recordTask(turn: Turn, branch: Branch, state: TaskState, what: string, details: Details): void {
  if (state.target.kind === 'function') return record(turn, branch, `LambdaFunction${what}`, details)
  const { resourceType, resource } = state
  return record(turn, branch, `Task${what}`, { resourceType, resource, ...details })
}
