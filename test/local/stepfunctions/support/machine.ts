import type { MachineSource } from '../../../../infra/local/stepfunctions/server.ts'

export const machineArn = 'arn:aws:states:eu-west-1:123456789012:stateMachine:machine'
export const functionArn = 'arn:aws:lambda:eu-west-1:123456789012:function:work'

type Fields = object

/** A machine that starts with the first of these states. */
export function machine(states: Readonly<Record<string, Fields>>, more: Fields = {}): MachineSource {
  const [StartAt] = Object.keys(states)
  const definition = JSON.stringify({ QueryLanguage: 'JSONata', StartAt, States: states, ...more })
  return { arn: machineArn, name: 'machine', definition, type: 'STANDARD' }
}

export function lambdaTask(more: Fields = { End: true }): Fields {
  return {
    Type: 'Task',
    Resource: 'arn:aws:states:::lambda:invoke',
    Arguments: { FunctionName: functionArn, Payload: '{% $states.input %}' },
    ...more,
  }
}

export function tokenTask(more: Fields = { End: true }): Fields {
  return {
    Type: 'Task',
    Resource: 'arn:aws:states:::aws-sdk:dynamodb:updateItem.waitForTaskToken',
    Arguments: { TableName: 'leases', Token: '{% $states.context.Task.Token %}' },
    ...more,
  }
}
