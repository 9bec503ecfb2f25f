import { z } from 'zod'
import type { Engine } from '../engine/engine.ts'
import { roleArnOf } from '../engine/history.ts'
import type { MachineSource } from '../engine/machines.ts'
import { ServiceError } from './error.ts'
import { operation, page, pageOf } from './request.ts'

/** By the name in X-Amz-Target. @throws ServiceError for what the service would refuse */
export type Operations = Readonly<Record<string, (body: unknown) => Promise<object>>>

export function machineOperations(engine: Engine): Operations {
  const summarize = ({ arn, name, type }: MachineSource) => ({
    stateMachineArn: arn,
    name,
    type,
    creationDate: engine.startedAt / 1000,
  })
  return {
    DescribeStateMachine: operation(
      z.object({ stateMachineArn: z.string() }),
      async ({ stateMachineArn }) => {
        const machine = findMachine(engine, stateMachineArn)
        const { definition } = machine
        return { ...summarize(machine), status: 'ACTIVE', definition, roleArn: roleArnOf(machine.arn) }
      },
    ),

    ListStateMachines: operation(z.object(page), async (request) => {
      const { items, nextToken } = pageOf([...engine.machines.values()], request, 1000)
      return { stateMachines: items.map(summarize), ...(nextToken && { nextToken }) }
    }),
  }
}

export function findMachine(engine: Engine, arn: string): MachineSource {
  if (!/^arn:[^:]+:states:[^:]*:[^:]*:stateMachine:[^:]+$/.test(arn)) {
    throw new ServiceError('InvalidArn', `Invalid Arn: '${arn}'`)
  }
  const machine = engine.machines.get(arn)
  if (!machine) throw new ServiceError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${arn}'`)
  return machine
}
