import type { HistoryEvent } from '@aws-sdk/client-sfn'
import { SendTaskSuccessCommand } from '@aws-sdk/client-sfn'
import { expect, test } from 'vitest'
import { watchedClock } from './support/clock.ts'
import { functionArn, lambdaTask, machine, tokenTask } from './support/machine.ts'
import { calls, refusal, service } from './support/service.ts'

/** `id<previous type`, one event a word. */
const outline = (events: readonly HistoryEvent[]) =>
  events.map(({ id, previousEventId, type }) => `${id}<${previousEventId} ${type}`)

const flow = (...parts: readonly (string | readonly string[])[]) =>
  parts.flat().map((type, index) => `${index + 1}<${index === 1 ? 0 : index} ${type}`)

test('a token task through the SDK integration, after a Lambda and a Choice', async () => {
  const stored = calls<Record<string, unknown>, unknown>()
  await using local = await service(
    machine({
      A: lambdaTask({ Assign: { seen: '{% $states.result.Payload %}' }, Next: 'B' }),
      B: { Type: 'Choice', Choices: [{ Condition: '{% true %}', Next: 'C' }] },
      C: tokenTask({ TimeoutSeconds: 60, HeartbeatSeconds: 30, End: true }),
    }),
    { clock: watchedClock(), sdkIntegrations: { 'dynamodb:updateItem': stored.take } },
  )
  const arn = await local.start({ a: 1 })
  const call = await stored.next()
  call.answer({ Attributes: {} })
  const taskToken = String(call.request.Token)

  await local.client.send(new SendTaskSuccessCommand({ taskToken, output: '{"ok":true}' }))
  await local.ended(arn)
  const events = await local.history(arn)

  const task = ['TaskStateEntered', 'TaskScheduled', 'TaskStarted']
  expect(outline(events)).toEqual(
    flow(
      'ExecutionStarted',
      [...task, 'TaskSucceeded', 'TaskStateExited'],
      ['ChoiceStateEntered', 'ChoiceStateExited'],
      [...task, 'TaskSubmitted', 'TaskSucceeded', 'TaskStateExited'],
      'ExecutionSucceeded',
    ),
  )
  expect(events[2]?.taskScheduledEventDetails).toMatchObject({
    resourceType: 'lambda',
    resource: 'invoke',
    region: 'eu-west-1',
    parameters: JSON.stringify({ FunctionName: functionArn, Payload: { a: 1 } }),
  })
  expect(events[5]?.stateExitedEventDetails).toMatchObject({
    name: 'A',
    assignedVariables: { seen: '{"a":1}' },
  })
  expect(events[9]?.taskScheduledEventDetails).toMatchObject({
    resourceType: 'aws-sdk:dynamodb',
    resource: 'updateItem.waitForTaskToken',
    timeoutInSeconds: 60,
    heartbeatInSeconds: 30,
  })
  expect(events[11]?.taskSubmittedEventDetails).toMatchObject({ output: '{"Attributes":{}}' })
  expect(events.at(-1)?.executionSucceededEventDetails).toMatchObject({ output: '{"ok":true}' })
})

test('a function’s ARN as Resource writes Lambda events', async () => {
  await using local = await service(machine({ A: { Type: 'Task', Resource: functionArn, End: true } }))

  const arn = await local.start()
  await local.ended(arn)
  const events = await local.history(arn)

  expect(outline(events)).toEqual(
    flow(
      ['ExecutionStarted', 'TaskStateEntered'],
      ['LambdaFunctionScheduled', 'LambdaFunctionStarted', 'LambdaFunctionSucceeded'],
      ['TaskStateExited', 'ExecutionSucceeded'],
    ),
  )
  expect(events[2]?.lambdaFunctionScheduledEventDetails).toMatchObject({ resource: functionArn, input: '{}' })
})

test('a retry schedules again inside the state; a caught error leaves it', async () => {
  const clock = watchedClock()
  await using local = await service(
    machine({
      A: lambdaTask({
        Retry: [{ ErrorEquals: ['Busy'], MaxAttempts: 1 }],
        Catch: [{ ErrorEquals: ['States.ALL'], Next: 'B' }],
        End: true,
      }),
      B: { Type: 'Fail', Error: 'Gave', Cause: 'up' },
    }),
    { clock, invokeLambda: async () => refusal('Busy') },
  )
  const arn = await local.start()

  clock.advance(await clock.timer(0))
  await local.ended(arn)
  const events = await local.history(arn)

  const attempt = ['TaskScheduled', 'TaskStarted', 'TaskFailed']
  expect(outline(events)).toEqual(
    flow(
      ['ExecutionStarted', 'TaskStateEntered', ...attempt, ...attempt, 'TaskStateExited'],
      ['FailStateEntered', 'ExecutionFailed'],
    ),
  )
  expect(events.at(-1)?.executionFailedEventDetails).toEqual({ error: 'Gave', cause: 'up' })
})

test('a heartbeat that is lost times the task out', async () => {
  const clock = watchedClock()
  await using local = await service(machine({ A: tokenTask({ HeartbeatSeconds: 5, End: true }) }), { clock })
  const arn = await local.start()
  await clock.timer(1)

  clock.advance(5000)
  await local.ended(arn)
  const events = await local.history(arn)

  expect(events.at(-2)).toMatchObject({
    type: 'TaskTimedOut',
    taskTimedOutEventDetails: { error: 'States.HeartbeatTimeout', resource: 'updateItem.waitForTaskToken' },
  })
})

test('an expression that fails has an event of its own', async () => {
  await using local = await service(machine({ A: { Type: 'Pass', Output: '{% $none %}', End: true } }))

  const arn = await local.start()
  await local.ended(arn)
  const events = await local.history(arn)

  expect(outline(events)).toEqual(
    flow('ExecutionStarted', 'PassStateEntered', 'EvaluationFailed', 'ExecutionFailed'),
  )
  expect(events[2]?.evaluationFailedEventDetails).toMatchObject({
    error: 'States.QueryEvaluationError',
    location: 'Output',
    state: 'A',
  })
})

test('each branch follows its own events', async () => {
  const branch = (Seconds: number) => ({ StartAt: 'W', States: { W: { Type: 'Wait', Seconds, End: true } } })
  const clock = watchedClock()
  await using local = await service(
    machine({ A: { Type: 'Parallel', Branches: [branch(2), branch(1)], End: true } }),
    { clock },
  )
  const arn = await local.start()

  clock.advance(2000)
  await local.ended(arn)
  const events = await local.history(arn)

  expect(outline(events)).toEqual([
    '1<0 ExecutionStarted',
    '2<0 ParallelStateEntered',
    '3<2 ParallelStateStarted',
    '4<3 WaitStateEntered',
    '5<3 WaitStateEntered',
    '6<5 WaitStateExited',
    '7<4 WaitStateExited',
    '8<7 ParallelStateSucceeded',
    '9<8 ParallelStateExited',
    '10<9 ExecutionSucceeded',
  ])
})
