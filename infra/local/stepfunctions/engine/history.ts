import type { Json } from '../json.ts'

/** As GetExecutionHistory answers it; the timestamp in seconds, as JSON 1.0 writes instants. */
export interface HistoryEvent {
  readonly timestamp: number
  readonly type: string
  readonly id: number
  readonly previousEventId: number
  readonly [details: `${string}EventDetails`]: Details
}

export type Details = { readonly [name: string]: Json | undefined }

/** The service ends an execution whose history reaches this length. */
export const historyLimit = 25_000

export const whole = { truncated: false }

const executionData = new Set(['input', 'output', 'parameters', 'assignedVariables'])

export function detailsField(type: string): `${string}EventDetails` {
  if (type.endsWith('StateEntered')) return 'stateEnteredEventDetails'
  if (type.endsWith('StateExited')) return 'stateExitedEventDetails'
  return `${type.charAt(0).toLowerCase()}${type.slice(1)}EventDetails`
}

export function withoutExecutionData(event: HistoryEvent): HistoryEvent {
  return Object.fromEntries(
    Object.entries(event).map(([name, value]) => [name, typeof value === 'object' ? hide(value) : value]),
  ) as unknown as HistoryEvent
}

function hide(details: Details): Details {
  return Object.fromEntries(Object.entries(details).filter(([name]) => !executionData.has(name)))
}

/** Nobody assumes it here; the service's answers always name one. */
export function roleArnOf(machineArn: string): string {
  const [, partition, , , account] = machineArn.split(':')
  return `arn:${partition}:iam::${account}:role/local-states`
}
