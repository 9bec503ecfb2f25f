import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { statSync } from 'node:fs'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import {
  GetExecutionHistoryCommand,
  SendTaskSuccessCommand,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn'
import { expect, test } from 'vitest'
import type { LambdaAnswer, MachineSource } from '../../../infra/local/stepfunctions/server.ts'
import { watchedClock } from './support/clock.ts'
import { journalFile } from './support/journal.ts'
import { lambdaTask, machine, machineArn, tokenTask } from './support/machine.ts'
import { answer, calls, clientOf, refusal, service } from './support/service.ts'

const start = Date.UTC(2026, 0, 1)

test('a task token stays valid over a restart, and the call is not made again', async () => {
  using journal = journalFile()
  const source = machine({ A: tokenTask() })
  const stored = calls<Record<string, unknown>, unknown>()
  const first = await service(source, {
    journal: journal.path,
    sdkIntegrations: { 'dynamodb:updateItem': stored.take },
  })
  const arn = await first.start()
  const call = await stored.next()
  call.answer({})
  await submitted(first, arn)
  await first[Symbol.asyncDispose]()

  await using second = await service(source, {
    journal: journal.path,
    sdkIntegrations: { 'dynamodb:updateItem': () => Promise.reject(new Error('called again')) },
  })
  const taskToken = String(call.request.Token)
  await second.client.send(new SendTaskSuccessCommand({ taskToken, output: '1' }))
  const end = await second.ended(arn)

  expect(end).toMatchObject({ status: 'SUCCEEDED', output: '1' })
})

test('a wait ends when it would have ended', async () => {
  using journal = journalFile()
  const source = machine({ A: { Type: 'Wait', Seconds: 60, End: true } })
  const first = await service(source, { journal: journal.path, clock: watchedClock(start) })
  const arn = await first.start()
  await first[Symbol.asyncDispose]()

  const clock = watchedClock(start + 50_000)
  await using second = await service(source, { journal: journal.path, clock })
  clock.advance(10_000)
  const end = await second.ended(arn)

  expect(clock.delays).toEqual([10_000])
  expect(end.stopDate).toEqual(new Date(start + 60_000))
})

test('what became due meanwhile is done at the start', async () => {
  using journal = journalFile()
  const source = machine({ A: tokenTask({ TimeoutSeconds: 60, End: true }) })
  const first = await service(source, { journal: journal.path, clock: watchedClock(start) })
  const arn = await first.start()
  await first[Symbol.asyncDispose]()

  const clock = watchedClock(start + 90_000)
  await using second = await service(source, { journal: journal.path, clock })
  clock.advance(0)
  const end = await second.ended(arn)

  expect(end).toMatchObject({ status: 'FAILED', error: 'States.Timeout' })
})

test('a Lambda that was under way is invoked again; the first answer counts for nothing', async () => {
  using journal = journalFile()
  const source = machine({ A: lambdaTask({ Output: '{% $states.result.Payload %}', End: true }) })
  const invoked = calls<string, LambdaAnswer>()
  const first = await service(source, {
    journal: journal.path,
    invokeLambda: async (_, payload) => invoked.take(payload),
  })
  const arn = await first.start({ a: 1 })
  const lost = await invoked.next()
  await first[Symbol.asyncDispose]()
  lost.answer(answer('"first"'))

  await using second = await service(source, {
    journal: journal.path,
    invokeLambda: async (_, payload) => answer(`["second",${payload}]`),
  })
  const end = await second.ended(arn)

  expect(JSON.parse(String(end.output))).toEqual(['second', { a: 1 }])
})

test('a backoff goes on, and the retries used stay used', async () => {
  using journal = journalFile()
  const source = machine({ A: lambdaTask({ Retry: [{ ErrorEquals: ['Busy'], MaxAttempts: 2 }], End: true }) })
  const busy = async () => refusal('Busy')
  const before = watchedClock(start)
  const first = await service(source, { journal: journal.path, clock: before, invokeLambda: busy })
  const arn = await first.start()
  await before.timer(0)
  await first[Symbol.asyncDispose]()

  const clock = watchedClock(start + 400)
  await using second = await service(source, { journal: journal.path, clock, invokeLambda: busy })
  clock.advance(await clock.timer(0))
  clock.advance(await clock.timer(1))
  const end = await second.ended(arn)

  expect(clock.delays).toEqual([600, 2000])
  expect(end).toMatchObject({ status: 'FAILED', error: 'Busy' })
})

test('variables, items and half-done branches are where they were', async () => {
  using journal = journalFile()
  const source = machine({
    V: { Type: 'Pass', Assign: { base: 100 }, Next: 'A' },
    A: {
      Type: 'Map',
      Items: [1, 2, 3],
      ItemProcessor: {
        StartAt: 'W',
        States: {
          W: { Type: 'Wait', Seconds: '{% $states.input * 10 %}', Next: 'P' },
          P: { Type: 'Pass', Output: '{% $base + $states.context.Map.Item.Value %}', End: true },
        },
      },
      End: true,
    },
  })
  const before = watchedClock(start)
  const first = await service(source, { journal: journal.path, clock: before })
  const arn = await first.start()
  before.advance(10_000)
  await first[Symbol.asyncDispose]()

  const clock = watchedClock(start + 15_000)
  await using second = await service(source, { journal: journal.path, clock })
  clock.advance(15_000)
  const end = await second.ended(arn)

  expect(end.output).toBe('[101,102,103]')
})

test('an execution keeps the definition that it began with', async () => {
  using journal = journalFile()
  const version = (Output: string) =>
    machine({ A: { Type: 'Wait', Seconds: 1, Next: 'B' }, B: { Type: 'Succeed', Output } })
  const first = await service(version('old'), { journal: journal.path, clock: watchedClock(start) })
  const arn = await first.start()
  await first[Symbol.asyncDispose]()

  const clock = watchedClock(start)
  await using second = await service(version('new'), { journal: journal.path, clock })
  const younger = await second.start()
  clock.advance(1000)

  expect([(await second.ended(arn)).output, (await second.ended(younger)).output]).toEqual(['"old"', '"new"'])
})

test('a closed execution and its history outlive a restart for ninety days', async () => {
  using journal = journalFile()
  const source = machine({ A: { Type: 'Succeed' } })
  const first = await service(source, { journal: journal.path, clock: watchedClock(start) })
  const arn = await first.start({}, 'lease')
  await first.ended(arn)
  await first[Symbol.asyncDispose]()
  const days = (count: number) => watchedClock(start + count * 86_400_000)

  const later = await service(source, { journal: journal.path, clock: days(90) })
  const events = await later.history(arn)
  const taken = later.start({}, 'lease')
  await expect(taken).rejects.toMatchObject({ name: 'ExecutionAlreadyExists' })
  await later[Symbol.asyncDispose]()
  await using muchLater = await service(source, { journal: journal.path, clock: days(91) })

  expect(events.at(-1)?.type).toBe('ExecutionSucceeded')
  await expect(muchLater.history(arn)).rejects.toMatchObject({ name: 'ExecutionDoesNotExist' })
})

test('a journal has one engine at a time, and only its owner may read it', async () => {
  using journal = journalFile()
  const source = machine({ A: { Type: 'Succeed' } })
  await using first = await service(source, { journal: journal.path })
  await first.ended(await first.start())

  const second = service(source, { journal: journal.path })

  await expect(second).rejects.toThrow(/cannot be opened.*locked/)
  const files = ['', '-wal'].map((suffix) => statSync(`${journal.path}${suffix}`).mode & 0o777)
  expect(files).toEqual([0o600, 0o600])
})

test('after kill -9 everything that was answered goes on', async () => {
  using journal = journalFile()
  const source = machine({
    A: {
      Type: 'Choice',
      Choices: [
        { Condition: "{% $states.input.kind = 'token' %}", Next: 'Token' },
        { Condition: "{% $states.input.kind = 'lambda' %}", Next: 'Lambda' },
      ],
      Default: 'Wait',
    },
    Token: tokenTask({ TimeoutSeconds: 3600, HeartbeatSeconds: 1800, End: true }),
    Lambda: lambdaTask({ Output: '{% $states.result.Payload %}', End: true }),
    Wait: { Type: 'Wait', Timestamp: '2126-01-01T00:00:00Z', End: true },
  })
  await using victim = await startVictim(journal.path, source)
  const client = clientOf(victim.endpoint)
  const begin = async (kind: string) => {
    const input = JSON.stringify({ kind })
    const started = await client.send(new StartExecutionCommand({ stateMachineArn: machineArn, input }))
    return String(started.executionArn)
  }
  const token = await begin('token')
  const { token: taskToken } = await victim.message()
  const lambda = await begin('lambda')
  await victim.message()
  const wait = await begin('wait')
  client.destroy()
  await victim.kill()

  await using local = await service(source, { journal: journal.path })
  await local.client.send(new SendTaskSuccessCommand({ taskToken: String(taskToken), output: '"awake"' }))
  const ends = [await local.ended(token), await local.ended(lambda)]
  const waiting = await local.history(wait)

  expect(ends.map(({ status, output }) => [status, output])).toEqual([
    ['SUCCEEDED', '"awake"'],
    ['SUCCEEDED', '{"kind":"lambda"}'],
  ])
  expect(waiting.at(-1)?.type).toBe('WaitStateEntered')
})

async function submitted({ client }: Awaited<ReturnType<typeof service>>, arn: string): Promise<void> {
  for (;;) {
    const { events = [] } = await client.send(new GetExecutionHistoryCommand({ executionArn: arn }))
    if (events.at(-1)?.type === 'TaskSubmitted') return
  }
}

async function startVictim(journal: string, source: MachineSource) {
  const script = fileURLToPath(new URL('support/victim.ts', import.meta.url))
  const child = spawn(process.execPath, [script, journal, JSON.stringify(source)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  const message = async () => {
    const { value } = await lines.next()
    return JSON.parse(String(value)) as { endpoint?: string; token?: string }
  }
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await gone
  }
  const { endpoint } = await message()
  return { endpoint: String(endpoint), message, kill, [Symbol.asyncDispose]: kill }
}
