import {
  DescribeExecutionCommand,
  DescribeStateMachineCommand,
  GetExecutionHistoryCommand,
  ListActivitiesCommand,
  ListExecutionsCommand,
  ListStateMachinesCommand,
  StartExecutionCommand,
  StopExecutionCommand,
  type SFNClient,
} from '@aws-sdk/client-sfn'
import { expect, test } from 'vitest'
import { watchedClock } from './support/clock.ts'
import { machine, machineArn } from './support/machine.ts'
import { service } from './support/service.ts'

const resting = machine({ A: { Type: 'Wait', Seconds: 60, End: true } })
const passing = machine({ A: { Type: 'Pass', End: true } })
const executionArn = machineArn.replace(':stateMachine:', ':execution:')
const clock = () => watchedClock(Date.UTC(2026, 0, 1))

test('a name is idempotent with the same bytes of input while the execution is open', async () => {
  await using local = await service(resting, { clock: clock() })
  const start = (input: string) =>
    local.client.send(new StartExecutionCommand({ stateMachineArn: machineArn, name: 'lease', input }))

  const [first, second] = await Promise.all([start('{"a":1}'), start('{"a":1}')])
  const other = start('{"a": 1}')

  expect(first.executionArn).toBe(`${executionArn}:lease`)
  expect([second.executionArn, second.startDate]).toEqual([first.executionArn, first.startDate])
  await expect(other).rejects.toMatchObject({ name: 'ExecutionAlreadyExists' })
  expect(local.changes).toHaveLength(1)
})

test('the name of a closed execution is taken, whatever the input', async () => {
  await using local = await service(passing)
  await local.ended(await local.start({}, 'lease'))

  const again = local.start({}, 'lease')

  await expect(again).rejects.toMatchObject({ name: 'ExecutionAlreadyExists' })
})

test('an execution is described while open and after its end', async () => {
  await using local = await service(resting, { clock: clock() })
  const arn = await local.start({ a: 1 }, 'lease')

  const open = await local.client.send(new DescribeExecutionCommand({ executionArn: arn }))
  await local.client.send(new StopExecutionCommand({ executionArn: arn, cause: 'enough' }))
  const closed = await local.client.send(new DescribeExecutionCommand({ executionArn: arn }))

  expect(open).toMatchObject({
    executionArn: arn,
    stateMachineArn: machineArn,
    name: 'lease',
    status: 'RUNNING',
    input: '{"a":1}',
    startDate: new Date(Date.UTC(2026, 0, 1)),
  })
  expect(open.stopDate).toBeUndefined()
  expect(closed).toMatchObject({
    status: 'ABORTED',
    cause: 'enough',
    stopDate: new Date(Date.UTC(2026, 0, 1)),
  })
})

test('stopping twice answers the same instant and changes nothing', async () => {
  const hands = clock()
  await using local = await service(resting, { clock: hands })
  const arn = await local.start()
  const stop = () => local.client.send(new StopExecutionCommand({ executionArn: arn }))

  const first = await stop()
  hands.advance(1000)
  const second = await stop()

  expect(second.stopDate).toEqual(first.stopDate)
  expect(local.changes.map(({ status }) => status)).toEqual(['RUNNING', 'ABORTED'])
})

test('executions are listed newest first, by status, page by page', async () => {
  await using local = await service(resting, { clock: clock() })
  for (const name of ['a', 'b', 'c', 'd']) await local.start({}, name)
  await local.client.send(new StopExecutionCommand({ executionArn: `${executionArn}:b` }))
  const list = async (more: object) => {
    const { executions = [], nextToken } = await local.client.send(
      new ListExecutionsCommand({ stateMachineArn: machineArn, ...more }),
    )
    return { names: executions.map(({ name }) => name), nextToken }
  }

  const first = await list({ statusFilter: 'RUNNING', maxResults: 2 })
  const rest = await list({ statusFilter: 'RUNNING', maxResults: 2, nextToken: first.nextToken })
  const aborted = await list({ statusFilter: 'ABORTED' })
  const all = await list({})

  expect([first.names, rest, aborted.names, all.names]).toEqual([
    ['d', 'c'],
    { names: ['a'], nextToken: undefined },
    ['b'],
    ['d', 'c', 'b', 'a'],
  ])
})

test('the history comes in pages, backwards, and without data if so asked', async () => {
  await using local = await service(passing)
  const arn = await local.start({ secret: 1 })
  await local.ended(arn)
  const read = (more: object) =>
    local.client.send(new GetExecutionHistoryCommand({ executionArn: arn, ...more }))

  const first = await read({ maxResults: 3 })
  const rest = await read({ maxResults: 3, nextToken: first.nextToken })
  const backwards = await read({ reverseOrder: true, maxResults: 1 })
  const bare = await read({ includeExecutionData: false })

  expect([first, rest].map(({ events = [] }) => events.map(({ id }) => id))).toEqual([[1, 2, 3], [4]])
  expect(rest.nextToken).toBeUndefined()
  expect(backwards.events?.[0]?.type).toBe('ExecutionSucceeded')
  expect(JSON.stringify(bare.events)).not.toContain('secret')
})

test('machines are listed and described', async () => {
  await using local = await service(passing)

  const { stateMachines } = await local.client.send(new ListStateMachinesCommand({}))
  const described = await local.client.send(new DescribeStateMachineCommand({ stateMachineArn: machineArn }))

  expect(stateMachines).toMatchObject([{ stateMachineArn: machineArn, name: 'machine', type: 'STANDARD' }])
  expect(described).toMatchObject({ status: 'ACTIVE', definition: passing.definition })
})

test('status changes are told as EventBridge tells them', async () => {
  await using local = await service(passing, { clock: clock() })

  const arn = await local.start({ a: 1 }, 'lease')
  await local.ended(arn)

  const common = {
    executionArn: arn,
    stateMachineArn: machineArn,
    name: 'lease',
    startDate: Date.UTC(2026, 0, 1),
    input: '{"a":1}',
    error: null,
    cause: null,
  }
  expect(local.changes).toMatchObject([
    { ...common, status: 'RUNNING', stopDate: null, output: null, outputDetails: null },
    { ...common, status: 'SUCCEEDED', stopDate: Date.UTC(2026, 0, 1), output: '{"a":1}' },
  ])
})

const unknownArn = `${executionArn}:none`
const refusals: readonly [rule: string, send: (client: SFNClient) => Promise<unknown>, name: string][] = [
  [
    'an unknown machine',
    (client) => client.send(new StartExecutionCommand({ stateMachineArn: `${machineArn}2` })),
    'StateMachineDoesNotExist',
  ],
  [
    'an ARN of something else',
    (client) => client.send(new StartExecutionCommand({ stateMachineArn: 'arn:aws:s3:::x' })),
    'InvalidArn',
  ],
  [
    'an input that is no JSON',
    (client) => client.send(new StartExecutionCommand({ stateMachineArn: machineArn, input: '{' })),
    'InvalidExecutionInput',
  ],
  [
    'an input past 256 KB',
    (client) =>
      client.send(
        new StartExecutionCommand({
          stateMachineArn: machineArn,
          input: JSON.stringify('x'.repeat(262_144)),
        }),
      ),
    'ValidationException',
  ],
  [
    'a name with a colon',
    (client) => client.send(new StartExecutionCommand({ stateMachineArn: machineArn, name: 'a:b' })),
    'ValidationException',
  ],
  [
    'an unknown execution',
    (client) => client.send(new DescribeExecutionCommand({ executionArn: unknownArn })),
    'ExecutionDoesNotExist',
  ],
  [
    'a stop of an unknown execution',
    (client) => client.send(new StopExecutionCommand({ executionArn: unknownArn })),
    'ExecutionDoesNotExist',
  ],
  [
    'a page that was never handed out',
    (client) => client.send(new ListExecutionsCommand({ stateMachineArn: machineArn, nextToken: 'x' })),
    'InvalidToken',
  ],
  [
    'an operation that is not here',
    (client) => client.send(new ListActivitiesCommand({})),
    'UnknownOperationException',
  ],
]

test.each(refusals)('%s is refused by name', async (_rule, send, name) => {
  await using local = await service(passing)

  const sent = send(local.client)

  await expect(sent).rejects.toMatchObject({ name, $metadata: { httpStatusCode: 400 } })
})

test('a body that is no JSON is refused', async () => {
  await using local = await service(passing)

  const response = await fetch(local.endpoint, {
    method: 'POST',
    headers: { 'x-amz-target': 'AWSStepFunctions.StartExecution' },
    body: '{',
  })

  expect(response.status).toBe(400)
  expect(await response.json()).toMatchObject({ __type: 'SerializationException' })
})
