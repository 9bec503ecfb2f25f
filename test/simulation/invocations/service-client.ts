import type { SFNClient } from '@aws-sdk/client-sfn'
import {
  DescribeExecutionCommand,
  ExecutionAlreadyExists,
  ExecutionDoesNotExist,
  SendTaskHeartbeatCommand,
  SendTaskSuccessCommand,
  StartExecutionCommand,
  TaskTimedOut,
} from '@aws-sdk/client-sfn'
import type { FaultKind } from '../faults/profiles.ts'
import type { StepFunctions } from '../stepfunctions/service.ts'
import type { Outside, Process } from './process.ts'
import { reach } from './process.ts'
import { Injected } from './table.ts'

const START_FAULTS = [
  'start refused',
  'start answered with a failure',
  'start sent twice',
] as const satisfies FaultKind[]
const TOKEN_FAULTS = [
  'token refused',
  'token lost',
  'token late',
  'token used twice',
  'token answered with a failure',
] as const satisfies FaultKind[]

/** Step Functions as one process reaches it: below the real adapter, in the place of the SDK's client. */
export function faultyClient(
  outside: Outside,
  process: Process,
  service: StepFunctions,
): Pick<SFNClient, 'send'> {
  const send = async (command: unknown): Promise<object> => {
    if (command instanceof StartExecutionCommand) return start(command.input)
    if (command instanceof SendTaskSuccessCommand)
      return useToken('awaken', command.input.taskToken ?? '', service.succeed)
    if (command instanceof SendTaskHeartbeatCommand)
      return useToken('heartbeat', command.input.taskToken ?? '', service.heartbeat)
    if (command instanceof DescribeExecutionCommand) return describe(command.input.executionArn ?? '')
    throw new Error('Step Functions was asked for something that the simulation does not know')
  }

  function start(input: StartExecutionCommand['input']): Promise<object> {
    const { stateMachineArn = '', name = '', input: text = '{}' } = input
    const fault = outside.faults.draw(START_FAULTS)
    const begin = () => {
      if (service.start(stateMachineArn, name, text)) return
      throw new ExecutionAlreadyExists({ message: name, $metadata: {} })
    }
    return reach(outside, process, {
      what: `start ${name}`,
      fault,
      effect: async () => {
        if (fault === 'start refused') throw new Injected('StartExecution')
        begin()
        if (fault === 'start answered with a failure') throw new Injected('StartExecution')
        if (fault === 'start sent twice') {
          await outside.kernel.sleep(outside.random.between(10, 2_000))
          begin()
        }
        return {}
      },
    })
  }

  function describe(arn: string): Promise<object> {
    return reach(outside, process, {
      what: `describe ${arn}`,
      effect: async () => {
        if (service.exists(arn)) return {}
        throw new ExecutionDoesNotExist({ message: arn, $metadata: {} })
      },
    })
  }

  function useToken(what: string, token: string, use: (token: string) => boolean): Promise<object> {
    const { faults, kernel, random } = outside
    const fault = faults.draw(TOKEN_FAULTS)
    return reach(outside, process, {
      what: `${what} ${token}`,
      fault,
      effect: async () => {
        if (fault === 'token refused') throw new Injected('SendTask')
        if (fault === 'token lost') return {}
        if (fault === 'token late') {
          kernel.after(random.between(1_000, 40_000), () => use(token))
          return {}
        }
        const known = use(token)
        if (fault === 'token used twice') kernel.after(random.between(1, 60_000), () => use(token))
        if (fault === 'token answered with a failure') throw new Injected('SendTask')
        if (!known) throw new TaskTimedOut({ message: token, $metadata: {} })
        return {}
      },
    })
  }

  return { send: send as SFNClient['send'] }
}
