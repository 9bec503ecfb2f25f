import { SendTaskHeartbeatCommand, SendTaskSuccessCommand } from '@aws-sdk/client-sfn'
import { expect, test } from 'vitest'
import { watchedClock } from './support/clock.ts'
import { lambdaTask, machine, tokenTask } from './support/machine.ts'
import { answer, calls, service } from './support/service.ts'

/**
 * The shape of a machine that executes what a table decides: a function says where to go, others wait by token
 * or act, and whatever goes wrong leads back to the one that decides.
 */
const call = (FunctionName: string, more: object) =>
  lambdaTask({
    Arguments: { FunctionName, Payload: '{% {"leaseId": $states.context.Execution.Input.leaseId} %}' },
    Output: '{% $states.result.Payload %}',
    ...more,
  })
const toDecide = { Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Decide' }] }
const waitFor = (more: object) =>
  tokenTask({
    TimeoutSeconds: '{% $states.input.timeoutSeconds %}',
    Arguments: {
      Key: { PK: { S: "{% 'L#' & $states.context.Execution.Input.leaseId %}" }, SK: { S: 'META' } },
      ExpressionAttributeValues: { ':token': { S: '{% $states.context.Task.Token %}' } },
    },
    ...toDecide,
    ...more,
  })
const on = (route: string, Next: string) => ({ Condition: `{% $states.input.route = '${route}' %}`, Next })

const leases = machine({
  Decide: call('decide', {
    Assign: { yields: 0 },
    Retry: [{ ErrorEquals: ['Lambda.ServiceException'], JitterStrategy: 'FULL' }],
    Next: 'Route',
  }),
  Route: {
    Type: 'Choice',
    Choices: [
      on('WAIT', 'AwaitSlot'),
      on('ACTIVATE', 'Activate'),
      on('HOLD', 'Hold'),
      on('DESTROY', 'Destroy'),
    ],
    Default: 'Done',
  },
  AwaitSlot: waitFor({ Next: 'Activate' }),
  Activate: call('activate', { ...toDecide, Next: 'Activated' }),
  Activated: { Type: 'Choice', Choices: [on('YIELD', 'YieldWait'), on('HOLD', 'Hold')], Default: 'Decide' },
  YieldWait: {
    Type: 'Wait',
    Seconds: '{% $states.input.seconds %}',
    Assign: { yields: '{% $yields + 1 %}' },
    Next: 'Activate',
  },
  Hold: waitFor({ HeartbeatSeconds: '{% $states.input.heartbeatSeconds %}', Next: 'Decide' }),
  Destroy: call('destroy', {
    Catch: [{ ErrorEquals: ['States.ALL'], Output: { confirmed: false }, Next: 'Finalize' }],
    Next: 'Finalize',
  }),
  Finalize: call('finalize', {
    Output: '{% {"confirmed": $states.input.confirmed, "yields": $yields} %}',
    Next: 'Done',
  }),
  Done: { Type: 'Succeed' },
})

const hold = { route: 'HOLD', timeoutSeconds: 600, heartbeatSeconds: 60 }

function lease(script: Readonly<Record<string, readonly object[]>>) {
  const left = new Map(Object.entries(script).map(([name, answers]) => [name, [...answers]]))
  const stored = calls<Record<string, unknown>, unknown>()
  const clock = watchedClock()
  const nextToken = async () => {
    const { request, answer } = await stored.next()
    answer({})
    const values = request.ExpressionAttributeValues as { ':token': { S: string } }
    return { key: request.Key, taskToken: values[':token'].S }
  }
  const options = {
    clock,
    sdkIntegrations: { 'dynamodb:updateItem': stored.take },
    invokeLambda: async (name: string) => answer(JSON.stringify(left.get(name)?.shift())),
  }
  return { options, clock, nextToken }
}

test('a lease waits, is activated after a yield, held, awakened and destroyed', async () => {
  const { options, clock, nextToken } = lease({
    decide: [{ route: 'WAIT', timeoutSeconds: 3615 }, { route: 'DESTROY' }],
    activate: [{ route: 'YIELD', seconds: 5 }, hold],
    destroy: [{ confirmed: true }],
    finalize: [{}],
  })
  await using local = await service(leases, options)
  const arn = await local.start({ leaseId: 'lease' }, 'lease')

  const slot = await nextToken()
  await local.client.send(new SendTaskSuccessCommand({ taskToken: slot.taskToken, output: '{}' }))
  while (!clock.delays.includes(5000)) await clock.timer(clock.delays.length)
  clock.advance(5000)
  const held = await nextToken()
  await local.client.send(new SendTaskHeartbeatCommand({ taskToken: held.taskToken }))
  await local.client.send(new SendTaskSuccessCommand({ taskToken: held.taskToken, output: '{}' }))
  const end = await local.ended(arn)
  const entered = (await local.history(arn)).flatMap(
    ({ stateEnteredEventDetails }) => stateEnteredEventDetails?.name ?? [],
  )

  expect(slot.key).toEqual({ PK: { S: 'L#lease' }, SK: { S: 'META' } })
  expect(JSON.parse(String(end.output))).toEqual({ confirmed: true, yields: 0 })
  expect(entered.join(' ')).toBe(
    'Decide Route AwaitSlot Activate Activated YieldWait Activate Activated Hold Decide Route Destroy Finalize Done',
  )
})

test('a lost heartbeat leads back to the decision', async () => {
  const { options, clock, nextToken } = lease({
    decide: [hold, { route: 'DESTROY' }],
    destroy: [{ confirmed: true }],
    finalize: [{}],
  })
  await using local = await service(leases, options)
  const arn = await local.start({ leaseId: 'lease' })
  await nextToken()

  clock.advance(60_000)
  const end = await local.ended(arn)

  expect(end.status).toBe('SUCCEEDED')
})

test('a stand-in function that answers nonsense still ends in the decision', async () => {
  const { options, nextToken } = lease({
    decide: [{ route: 'ACTIVATE' }, { route: 'WAIT', timeoutSeconds: 5 }, { route: 'DONE' }],
    activate: [
      { route: 'HOLD', timeoutSeconds: 'soon' },
      { route: 'HOLD', timeoutSeconds: 600 },
    ],
  })
  await using local = await service(leases, options)
  const arn = await local.start({ leaseId: 'lease' })

  const { taskToken } = await nextToken()
  await local.client.send(new SendTaskSuccessCommand({ taskToken, output: '{}' }))
  const end = await local.ended(arn)

  expect(end.status).toBe('SUCCEEDED')
})
