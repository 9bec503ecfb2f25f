import { expect, test } from 'vitest'
import { matches } from '../../../infra/local/stepfunctions/asl/failure.ts'
import { watchedClock } from './support/clock.ts'
import { lambdaTask, machine } from './support/machine.ts'
import { answer, refusal, service } from './support/service.ts'

const names: readonly [listed: string, error: string, matched: boolean][] = [
  ['Own', 'Own', true],
  ['Own', 'Other', false],
  ['States.ALL', 'Own', true],
  ['States.ALL', 'States.Timeout', true],
  ['States.ALL', 'States.QueryEvaluationError', true],
  ['States.ALL', 'States.DataLimitExceeded', false],
  ['States.ALL', 'States.Runtime', false],
  ['States.Runtime', 'States.Runtime', false],
  ['States.DataLimitExceeded', 'States.DataLimitExceeded', true],
  ['States.TaskFailed', 'Own', true],
  ['States.TaskFailed', 'States.Timeout', false],
  ['States.Timeout', 'States.HeartbeatTimeout', true],
  ['States.HeartbeatTimeout', 'States.Timeout', false],
]

test.each(names)('%s in ErrorEquals, asked about %s: %s', (listed, error, matched) => {
  const answered = matches(['Never', listed], error)

  expect(answered).toBe(matched)
})

const delays: readonly [rule: string, retrier: object, milliseconds: number[]][] = [
  ['Retry waits a second, doubled each time, three times', {}, [1000, 2000, 4000]],
  [
    'Retry takes its own interval and rate',
    { IntervalSeconds: 3, BackoffRate: 1.5, MaxAttempts: 2 },
    [3000, 4500],
  ],
  [
    'Retry waits no longer than its maximum',
    { MaxDelaySeconds: 3, MaxAttempts: 4 },
    [1000, 2000, 3000, 3000],
  ],
  ['Retry with full jitter waits a random part', { JitterStrategy: 'FULL', MaxAttempts: 2 }, [250, 500]],
  ['Retry of no attempts is no retry', { MaxAttempts: 0 }, []],
]

test.each(delays)('%s', async (_rule, retrier, milliseconds) => {
  const clock = watchedClock()
  await using local = await service(
    machine({ A: lambdaTask({ Retry: [{ ErrorEquals: ['Busy'], ...retrier }], End: true }) }),
    { clock, random: () => 0.25, invokeLambda: async () => refusal('Busy') },
  )
  const arn = await local.start()

  for (const [index] of milliseconds.entries()) clock.advance(await clock.timer(index))
  const end = await local.ended(arn)

  expect(end).toMatchObject({ status: 'FAILED', error: 'Busy' })
  expect(clock.delays).toEqual(milliseconds)
})

test('each retrier counts for itself, and the attempt sees how many there were', async () => {
  const clock = watchedClock()
  const errors = ['One', 'Two', 'One']
  const retry = (name: string) => ({ ErrorEquals: [name], MaxAttempts: 2 })
  await using local = await service(
    machine({
      A: lambdaTask({
        Arguments: { FunctionName: 'work', Payload: '{% $states.context.State.RetryCount %}' },
        Retry: [retry('One'), retry('Two')],
        Output: '{% $states.result.Payload %}',
        End: true,
      }),
    }),
    {
      clock,
      invokeLambda: async (_, payload) => {
        const error = errors.shift()
        return error === undefined ? answer(payload) : refusal(error)
      },
    },
  )
  const arn = await local.start()

  for (const index of [0, 1, 2]) clock.advance(await clock.timer(index))
  const end = await local.ended(arn)

  expect(clock.delays).toEqual([1000, 1000, 2000])
  expect(end.output).toBe('3')
})

test('Catch takes the first catcher that names the error, with its Assign and Output', async () => {
  const catcher = (...ErrorEquals: string[]) => ({ ErrorEquals, Next: 'B' })
  await using local = await service(
    machine({
      A: lambdaTask({
        Catch: [
          { ...catcher('Other') },
          {
            ...catcher('Busy'),
            Assign: { seen: '{% $states.errorOutput.Error %}' },
            Output: {
              cause: '{% $parse($states.errorOutput.Cause).errorMessage %}',
              input: '{% $states.input %}',
            },
          },
          { ...catcher('States.ALL') },
        ],
        End: true,
      }),
      B: { Type: 'Pass', Output: { seen: '{% $seen %}', from: '{% $states.input %}' }, End: true },
    }),
    { invokeLambda: async () => refusal('Busy', 'later') },
  )

  const end = await local.ended(await local.start({ a: 1 }))

  expect(JSON.parse(String(end.output))).toEqual({ seen: 'Busy', from: { cause: 'later', input: { a: 1 } } })
})

test('without an Output a caught error is the next state’s input', async () => {
  await using local = await service(
    machine({
      A: lambdaTask({ Catch: [{ ErrorEquals: ['States.ALL'], Next: 'B' }], End: true }),
      B: { Type: 'Succeed' },
    }),
    { invokeLambda: async () => refusal('Lambda.Unknown', 'gone') },
  )

  const end = await local.ended(await local.start())

  expect(JSON.parse(String(end.output))).toEqual({ Error: 'Lambda.Unknown', Cause: 'gone' })
})

test('an expression that fails after the task is caught like the task', async () => {
  await using local = await service(
    machine({
      A: lambdaTask({
        Output: '{% $states.result.none %}',
        Catch: [{ ErrorEquals: ['States.QueryEvaluationError'], Output: 'caught', Next: 'B' }],
        End: true,
      }),
      B: { Type: 'Succeed' },
    }),
  )

  const end = await local.ended(await local.start())

  expect(end).toMatchObject({ status: 'SUCCEEDED', output: '"caught"' })
})

test('a branch that fails ends its neighbours, and the state’s Catch hears of it', async () => {
  await using local = await service(
    machine({
      A: {
        Type: 'Map',
        Items: ['waits', 'fails'],
        ItemProcessor: {
          StartAt: 'Which',
          States: {
            Which: {
              Type: 'Choice',
              Choices: [{ Condition: "{% $states.input = 'fails' %}", Next: 'Broken' }],
              Default: 'Rest',
            },
            Broken: { Type: 'Fail', Error: 'Broken' },
            Rest: { Type: 'Wait', Seconds: 3600, End: true },
          },
        },
        Catch: [{ ErrorEquals: ['Broken'], Output: 'caught', Next: 'B' }],
        End: true,
      },
      B: { Type: 'Succeed' },
    }),
    { clock: watchedClock() },
  )

  const arn = await local.start()
  const end = await local.ended(arn)
  const types = (await local.history(arn)).map(({ type }) => type)

  expect(end).toMatchObject({ status: 'SUCCEEDED', output: '"caught"' })
  expect(types).toEqual(
    expect.arrayContaining(['MapIterationFailed', 'MapIterationAborted', 'MapStateFailed']),
  )
})
