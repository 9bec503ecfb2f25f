import {
  DescribeExecutionCommand,
  ExecutionAlreadyExists,
  ExecutionDoesNotExist,
  InvalidToken,
  SendTaskHeartbeatCommand,
  SendTaskSuccessCommand,
  StartExecutionCommand,
  TaskDoesNotExist,
  TaskTimedOut,
} from '@aws-sdk/client-sfn'
import type { SFNClient } from '@aws-sdk/client-sfn'
import type { Executions } from '../../app/ports/ports.ts'
import type {
  BuildInput,
  CommandInput,
  HostInput,
  LandingInput,
  LeaseInput,
  SlotInput,
} from '../../contract/machines.ts'
import type { MACHINES } from '../../contract/machines.ts'
import { again, executionArn, executionName, lastUsed, TRIED } from './names.ts'

export interface StepFunctionsOptions {
  readonly client: Pick<SFNClient, 'send'>
  readonly machines: Readonly<Record<keyof typeof MACHINES, string>>
  /** Address of executions in a console, to which an ARN is appended; empty where there is none. */
  readonly linkPrefix: string
}

/**
 * Executions in Step Functions. Idempotent by name: the same name with the same input is the same execution as long as
 * it runs, and once it has closed the next one is called `<name>-r1`, `-r2`...
 */
export function createStepFunctions({ client, machines, linkPrefix }: StepFunctionsOptions): Executions {
  /** @throws whatever the service refuses as our own fault */
  async function ensure(
    machine: string,
    base: string,
    input: LeaseInput | CommandInput | SlotInput | HostInput | BuildInput | LandingInput,
  ) {
    const text = JSON.stringify(input)
    for (let repetition = 0, searched = false; ; repetition++) {
      if (repetition === TRIED && !searched) {
        searched = true
        repetition = await lastUsed((each) => isUsed(client, executionArn(machine, again(base, each))))
      }
      if (await start(client, machine, again(base, repetition), text)) return
    }
  }

  const linked = (arn: string) => (linkPrefix === '' ? { arn } : { arn, link: linkPrefix + encodeURI(arn) })

  return {
    ensureLease: (leaseId) => ensure(machines.lease, leaseId, { leaseId }),
    ensureBuild: (buildId, generation) =>
      ensure(machines.build, executionName(buildId, `g${generation}`), { buildId, generation }),
    ensureCommand: (leaseId, number) =>
      ensure(machines.command, executionName(leaseId, number), { leaseId, number }),
    ensureLanding: (landingId) => ensure(machines.landing, landingId, { landingId }),
    cleanSlot: (host, slot, epoch) =>
      ensure(machines.slot, executionName(host, slot, `e${epoch}`), { host, slot }),
    probeHost: (host, occasion) => ensure(machines.host, executionName(host, occasion), { host }),
    awaken: (taskToken) =>
      unlessMovedOn(() => client.send(new SendTaskSuccessCommand({ taskToken, output: '{}' }))),
    heartbeat: (taskToken) => unlessMovedOn(() => client.send(new SendTaskHeartbeatCommand({ taskToken }))),
    leaseExecution: (leaseId) => linked(executionArn(machines.lease, leaseId)),
    landingExecution: (landingId) => linked(executionArn(machines.landing, landingId)),
    buildExecution: (buildId, generation) =>
      linked(executionArn(machines.build, executionName(buildId, `g${generation}`))),
  }
}

/** False where an execution of this name has closed, or runs with another input. */
async function start(
  client: Pick<SFNClient, 'send'>,
  stateMachineArn: string,
  name: string,
  input: string,
): Promise<boolean> {
  try {
    await client.send(new StartExecutionCommand({ stateMachineArn, name, input }))
    return true
  } catch (error) {
    if (error instanceof ExecutionAlreadyExists) return false
    throw error
  }
}

/** Best effort: a name that was used a moment ago may not be seen yet, so what is found is only where to go on. */
async function isUsed(client: Pick<SFNClient, 'send'>, executionArn: string): Promise<boolean> {
  try {
    await client.send(new DescribeExecutionCommand({ executionArn }))
    return true
  } catch (error) {
    if (error instanceof ExecutionDoesNotExist) return false
    throw error
  }
}

/** A wake-up is advice: whoever does not wait any more does not need it. */
async function unlessMovedOn(send: () => Promise<unknown>): Promise<void> {
  try {
    await send()
  } catch (error) {
    const movedOn = [TaskTimedOut, TaskDoesNotExist, InvalidToken].some((kind) => error instanceof kind)
    if (!movedOn) throw error
  }
}
