import type { GetCommandInvocationCommandOutput } from '@aws-sdk/client-ssm'
import type { HostAnswer } from '../../app/ports/hosts.ts'

export interface Output {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

type Invocation = Pick<
  GetCommandInvocationCommandOutput,
  'Status' | 'StatusDetails' | 'ResponseCode' | 'StandardOutputContent' | 'StandardErrorContent'
>

/** What an invocation says of a command: `undefined` while there is nothing to say. */
export function readInvocation(invocation: Invocation): HostAnswer<Output> | undefined {
  // The documentation writes "Delivery Timed Out", the service "DeliveryTimedOut".
  const details = (invocation.StatusDetails ?? '').replaceAll(' ', '')
  switch (invocation.Status) {
    case 'Success':
      return ended(invocation)
    case 'Failed':
      return details === 'Failed' || details === '' ? ended(invocation) : unreachable(details)
    case 'TimedOut':
      return unreachable(details)
    case 'Cancelled':
    case 'Cancelling':
      return { kind: 'busy', detail: 'the command was cancelled before it ended' }
    case 'Pending':
    case 'InProgress':
    case 'Delayed':
    case undefined:
    default:
      return undefined
  }
}

const ended = (invocation: Invocation): HostAnswer<Output> => ({
  kind: 'done',
  value: {
    exitCode: invocation.ResponseCode ?? -1,
    stdout: invocation.StandardOutputContent ?? '',
    stderr: invocation.StandardErrorContent ?? '',
  },
})

export const unreachable = (detail: string): HostAnswer<never> => ({
  kind: 'failed',
  fault: 'host',
  code: 'unreachable',
  detail: `Systems Manager: ${detail}`,
})
