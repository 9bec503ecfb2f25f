import type { Execution, ExecutionStatus } from './execution.ts'
import type { Ending } from './turn.ts'

/** Detail of the EventBridge event "Step Functions Execution Status Change". Instants are epoch milliseconds. */
export interface StatusChange {
  readonly executionArn: string
  readonly stateMachineArn: string
  readonly name: string
  readonly status: ExecutionStatus
  readonly startDate: number
  readonly stopDate: number | null
  readonly input: string
  readonly inputDetails: { readonly included: boolean }
  readonly output: string | null
  readonly outputDetails: { readonly included: boolean } | null
  readonly error: string | null
  readonly cause: string | null
}

export function statusChange(execution: Execution, ending: Ending | null): StatusChange {
  const output = ending?.output ?? null
  return {
    executionArn: execution.arn,
    stateMachineArn: execution.machine.arn,
    name: execution.name,
    status: ending?.status ?? 'RUNNING',
    startDate: execution.startedAt,
    stopDate: ending?.at ?? null,
    input: execution.inputText,
    inputDetails: { included: true },
    output,
    outputDetails: output === null ? null : { included: true },
    error: ending?.error ?? null,
    cause: ending?.cause ?? null,
  }
}
