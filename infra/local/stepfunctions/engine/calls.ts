import { isObject, type JsonObject } from '../json.ts'
import type { Call } from './execution.ts'
import type { Returned } from './task.ts'

export type LambdaAnswer =
  | { readonly ok: true; readonly payload: string }
  | { readonly ok: false; readonly errorType: string; readonly errorMessage: string }

/** What the engine calls. Answers of any other kind than the promised ones fail the task, not the engine. */
export interface Callees {
  readonly invokeLambda: (functionArnOrName: string, payload: string) => Promise<LambdaAnswer>
  /** By service and action, such as `dynamodb:updateItem`. A rejection's name becomes `DynamoDb.<Name>`. */
  readonly sdkIntegrations: Readonly<
    Record<string, (parameters: Record<string, unknown>) => Promise<unknown>>
  >
}

/** Never rejects: a fault of a stand-in is a failed task whose error says so. */
export async function makeCall(call: Call, callees: Callees): Promise<Returned> {
  return call.kind === 'sdk' ? callSdk(call, callees) : callLambda(call, callees)
}

async function callLambda(
  { functionName, payload }: { functionName: string; payload: string },
  { invokeLambda }: Callees,
): Promise<Returned> {
  try {
    const answer = await invokeLambda(functionName, payload)
    if (answer.ok) return { ok: true, output: answer.payload }
    const { errorType, errorMessage } = answer
    const error = errorType === '' ? 'Lambda.Unknown' : errorType
    // The service's own refusals come as text, a function's error as the JSON that its runtime reported.
    const cause = error.startsWith('Lambda.') ? errorMessage : JSON.stringify({ errorMessage, errorType })
    return { ok: false, error, cause }
  } catch (thrown) {
    return { ok: false, error: 'Lambda.SdkClientException', cause: messageOf(thrown) }
  }
}

async function callSdk(
  { service, key, parameters }: { service: string; key: string; parameters: JsonObject },
  { sdkIntegrations }: Callees,
): Promise<Returned> {
  const prefix = prefixes[service] ?? service.charAt(0).toUpperCase() + service.slice(1)
  try {
    const integration = sdkIntegrations[key]
    if (!integration) throw new Error(`no integration for ${key}`)
    const result = await integration({ ...parameters })
    return { ok: true, output: JSON.stringify(result ?? {}) }
  } catch (thrown) {
    return { ok: false, error: `${prefix}.${nameOf(thrown)}`, cause: messageOf(thrown) }
  }
}

/** The service names its SDK clients in ways that no rule yields. */
const prefixes: Readonly<Record<string, string>> = {
  dynamodb: 'DynamoDb',
  eventbridge: 'EventBridge',
  sfn: 'Sfn',
  ssm: 'Ssm',
}

/** An error that names no service exception never reached the service. */
function nameOf(thrown: unknown): string {
  const name = thrown instanceof Error || isObject(thrown) ? (thrown as { name?: unknown }).name : undefined
  const unnamed =
    typeof name !== 'string' || ['Error', 'TypeError', 'AggregateError', 'TimeoutError'].includes(name)
  return unnamed ? 'SdkClientException' : name
}

function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}
