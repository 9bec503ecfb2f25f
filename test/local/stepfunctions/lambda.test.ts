import { expect, test } from 'vitest'
import { functionArn, lambdaTask, machine } from './support/machine.ts'
import { answer, refusal, service } from './support/service.ts'

test('lambda:invoke sends the payload and answers an object around the function’s result', async () => {
  const seen: [string, string][] = []
  await using local = await service(machine({ A: lambdaTask() }), {
    invokeLambda: async (name, payload) => {
      seen.push([name, payload])
      return answer('{"n":1}')
    },
  })

  const end = await local.ended(await local.start({ a: [1] }))

  expect(seen).toEqual([[functionArn, '{"a":[1]}']])
  expect(JSON.parse(String(end.output))).toEqual({
    ExecutedVersion: '$LATEST',
    Payload: { n: 1 },
    StatusCode: 200,
  })
})

test('a function’s ARN as Resource gets the input and answers the result itself', async () => {
  const state = { Type: 'Task', Resource: functionArn, Output: '{% $states.result.a %}', End: true }
  await using local = await service(machine({ A: state }))

  const end = await local.ended(await local.start({ a: 7 }))

  expect(end.output).toBe('7')
})

test('an SDK integration gets evaluated parameters and its result is the state’s', async () => {
  const state = {
    Type: 'Task',
    Resource: 'arn:aws:states:::aws-sdk:dynamodb:updateItem',
    Arguments: { Key: { PK: { S: "{% 'L#' & $states.input.id %}" } } },
    End: true,
  }
  await using local = await service(machine({ A: state }), {
    sdkIntegrations: { 'dynamodb:updateItem': async (parameters) => ({ Given: parameters }) },
  })

  const end = await local.ended(await local.start({ id: 'one' }))

  expect(JSON.parse(String(end.output))).toEqual({ Given: { Key: { PK: { S: 'L#one' } } } })
})

const conditionFailed = Object.assign(new Error('The conditional request failed'), {
  name: 'ConditionalCheckFailedException',
})
const sdkTask = {
  Type: 'Task',
  Resource: 'arn:aws:states:::aws-sdk:dynamodb:updateItem',
  Arguments: {},
  End: true,
}
const rejecting = (thrown: Error) => ({
  'dynamodb:updateItem': async () => {
    throw thrown
  },
})

const failures: readonly [rule: string, state: object, options: object, error: string, cause: string][] = [
  [
    'a function’s error has the function’s own name',
    lambdaTask(),
    { invokeLambda: async () => refusal('TableBusy', 'later') },
    'TableBusy',
    '{"errorMessage":"later","errorType":"TableBusy"}',
  ],
  [
    'a refusal of the Lambda service has its name and text',
    lambdaTask(),
    { invokeLambda: async () => refusal('Lambda.TooManyRequestsException', 'Rate exceeded') },
    'Lambda.TooManyRequestsException',
    'Rate exceeded',
  ],
  [
    'a function that is out of reach fails the task',
    lambdaTask(),
    { invokeLambda: () => Promise.reject(new Error('connect ECONNREFUSED')) },
    'Lambda.SdkClientException',
    'connect ECONNREFUSED',
  ],
  [
    'an SDK error has the service’s prefix',
    sdkTask,
    { sdkIntegrations: rejecting(conditionFailed) },
    'DynamoDb.ConditionalCheckFailedException',
    'The conditional request failed',
  ],
  [
    'an SDK call that never reached the service is the client’s error',
    sdkTask,
    { sdkIntegrations: rejecting(new Error('socket hang up')) },
    'DynamoDb.SdkClientException',
    'socket hang up',
  ],
  [
    'a result past 256 KB fails the task',
    lambdaTask(),
    { invokeLambda: async () => answer(JSON.stringify('x'.repeat(262_144))) },
    'States.DataLimitExceeded',
    'The result of the task is larger than 262144 bytes.',
  ],
  [
    'a heartbeat that is not below the timeout is a fault of the machine',
    lambdaTask({ TimeoutSeconds: 5, HeartbeatSeconds: '{% 5 %}', End: true }),
    {},
    'States.Runtime',
    'HeartbeatSeconds must be smaller than TimeoutSeconds.',
  ],
]

test.each(failures)('%s', async (_rule, state, options, error, cause) => {
  await using local = await service(machine({ A: { ...state } }), options)

  const end = await local.ended(await local.start())

  expect(end).toMatchObject({ status: 'FAILED', error, cause })
})
