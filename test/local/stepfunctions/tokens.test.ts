import {
  SendTaskFailureCommand,
  SendTaskHeartbeatCommand,
  SendTaskSuccessCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn'
import { expect, test } from 'vitest'
import { watchedClock } from './support/clock.ts'
import { machine, tokenTask } from './support/machine.ts'
import { calls, service } from './support/service.ts'

/** A stand-in whose token tasks are stored when the test says so. */
async function waiting(more: object = {}, clock = watchedClock()) {
  const stored = calls<Record<string, unknown>, unknown>()
  const local = await service(machine({ A: tokenTask({ ...more, End: true }), B: { Type: 'Succeed' } }), {
    clock,
    sdkIntegrations: { 'dynamodb:updateItem': stored.take },
  })
  const nextToken = async () => {
    const call = await stored.next()
    call.answer({})
    return String(call.request.Token)
  }
  return { ...local, stored, clock, nextToken }
}

test('SendTaskSuccess ends the state with its output', async () => {
  await using local = await waiting()
  const arn = await local.start()
  const taskToken = await local.nextToken()

  await local.client.send(new SendTaskSuccessCommand({ taskToken, output: '{"slot":3}' }))
  const end = await local.ended(arn)

  expect(end).toMatchObject({ status: 'SUCCEEDED', output: '{"slot":3}' })
})

test('SendTaskFailure fails the state with its error and cause', async () => {
  await using local = await waiting()
  const arn = await local.start()
  const taskToken = await local.nextToken()

  await local.client.send(new SendTaskFailureCommand({ taskToken, error: 'Lost', cause: 'host' }))
  const end = await local.ended(arn)

  expect(end).toMatchObject({ status: 'FAILED', error: 'Lost', cause: 'host' })
})

test('a token may be used before the call that hands it out has returned', async () => {
  await using local = await waiting()
  const arn = await local.start()
  const call = await local.stored.next()

  await local.client.send(new SendTaskSuccessCommand({ taskToken: String(call.request.Token), output: '1' }))
  const end = await local.ended(arn)
  call.refuse(new Error('too late to matter'))
  const types = (await local.history(arn)).map(({ type }) => type)

  expect(end).toMatchObject({ status: 'SUCCEEDED', output: '1' })
  expect(types).not.toContain('TaskSubmitted')
})

test('a call that fails ends the state although the token is out', async () => {
  await using local = await waiting()
  const arn = await local.start()
  const call = await local.stored.next()

  call.refuse(Object.assign(new Error('no'), { name: 'ConditionalCheckFailedException' }))
  const end = await local.ended(arn)
  const late = local.client.send(
    new SendTaskSuccessCommand({ taskToken: String(call.request.Token), output: '1' }),
  )

  expect(end).toMatchObject({ status: 'FAILED', error: 'DynamoDb.ConditionalCheckFailedException' })
  await expect(late).rejects.toMatchObject({ name: 'TaskTimedOut' })
})

test('a token is good once', async () => {
  await using local = await waiting()
  const arn = await local.start()
  const taskToken = await local.nextToken()
  await local.client.send(new SendTaskSuccessCommand({ taskToken, output: '1' }))
  await local.ended(arn)

  const uses = [
    local.client.send(new SendTaskSuccessCommand({ taskToken, output: '2' })),
    local.client.send(new SendTaskFailureCommand({ taskToken })),
    local.client.send(new SendTaskHeartbeatCommand({ taskToken })),
  ]

  for (const use of uses) await expect(use).rejects.toMatchObject({ name: 'TaskTimedOut' })
})

test('of two uses at once one wins', async () => {
  await using local = await waiting()
  const arn = await local.start()
  const taskToken = await local.nextToken()

  const uses = await Promise.allSettled(
    ['1', '2'].map((output) => local.client.send(new SendTaskSuccessCommand({ taskToken, output }))),
  )
  const end = await local.ended(arn)

  expect(uses.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
  expect(end.output).toBe(uses[0]?.status === 'fulfilled' ? '1' : '2')
})

test('what is no token is told from what has ended', async () => {
  await using local = await waiting()

  const use = local.client.send(new SendTaskHeartbeatCommand({ taskToken: 'no-token' }))

  await expect(use).rejects.toMatchObject({
    name: 'InvalidToken',
    message: expect.not.stringContaining('no-token'),
  })
})

test('an output that is no JSON is refused and the token stays good', async () => {
  await using local = await waiting()
  const arn = await local.start()
  const taskToken = await local.nextToken()

  const refused = local.client.send(new SendTaskSuccessCommand({ taskToken, output: '{' }))
  await expect(refused).rejects.toMatchObject({ name: 'InvalidOutput' })
  await local.client.send(new SendTaskSuccessCommand({ taskToken, output: '{}' }))

  expect(await local.ended(arn)).toMatchObject({ status: 'SUCCEEDED' })
})

test('the timeout ends the state whatever heartbeats came', async () => {
  await using local = await waiting({ TimeoutSeconds: 10, HeartbeatSeconds: '{% 3 * 2 %}' })
  const arn = await local.start()
  const taskToken = await local.nextToken()

  local.clock.advance(5000)
  await local.client.send(new SendTaskHeartbeatCommand({ taskToken }))
  local.clock.advance(5000)
  const end = await local.ended(arn)

  expect(end).toMatchObject({ status: 'FAILED', error: 'States.Timeout' })
})

test('a heartbeat puts the end off by its seconds; without one the heartbeat is lost', async () => {
  await using local = await waiting({
    TimeoutSeconds: 60,
    HeartbeatSeconds: 6,
    Catch: [{ ErrorEquals: ['States.HeartbeatTimeout'], Output: '{% $millis() %}', Next: 'B' }],
  })
  const started = local.clock.now()
  const arn = await local.start()
  const taskToken = await local.nextToken()

  local.clock.advance(5000)
  await local.client.send(new SendTaskHeartbeatCommand({ taskToken }))
  local.clock.advance(5999)
  const early = local.changes.length
  local.clock.advance(1)
  const end = await local.ended(arn)

  expect(early).toBe(1)
  expect(Number(end.output) - started).toBe(11_000)
})

test('a heartbeat while the call is under way does not make it again', async () => {
  await using local = await waiting({ TimeoutSeconds: 60, HeartbeatSeconds: 6 })
  const arn = await local.start()
  const call = await local.stored.next()
  const taskToken = String(call.request.Token)

  await local.client.send(new SendTaskHeartbeatCommand({ taskToken }))
  call.answer({})
  await local.client.send(new SendTaskSuccessCommand({ taskToken, output: '1' }))
  await local.ended(arn)
  const scheduled = (await local.history(arn)).filter(({ type }) => type === 'TaskScheduled')

  expect(scheduled).toHaveLength(1)
})

test('a retry hands out a new token and the old one is dead', async () => {
  await using local = await waiting({ Retry: [{ ErrorEquals: ['Again'] }] })
  const arn = await local.start()
  const first = await local.nextToken()
  await local.client.send(new SendTaskFailureCommand({ taskToken: first, error: 'Again' }))

  local.clock.advance(await local.clock.timer(0))
  const second = await local.nextToken()
  const stale = local.client.send(new SendTaskSuccessCommand({ taskToken: first, output: '1' }))
  await expect(stale).rejects.toMatchObject({ name: 'TaskTimedOut' })
  await local.client.send(new SendTaskSuccessCommand({ taskToken: second, output: '2' }))

  expect(await local.ended(arn)).toMatchObject({ output: '2' })
})

test('stopping the execution ends the token', async () => {
  await using local = await waiting()
  const arn = await local.start()
  const taskToken = await local.nextToken()

  await local.client.send(
    new StopExecutionCommand({ executionArn: arn, error: 'Stopped', cause: 'operator' }),
  )
  const use = local.client.send(new SendTaskSuccessCommand({ taskToken, output: '1' }))

  await expect(use).rejects.toMatchObject({ name: 'TaskTimedOut' })
  expect(await local.ended(arn)).toMatchObject({ status: 'ABORTED', error: 'Stopped', cause: 'operator' })
})
