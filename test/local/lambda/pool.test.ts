import { expect, test } from 'vitest'
import { eventually, groupOf } from '../processes/inspect.ts'
import { call, lambdaWith } from './functions.ts'
import { manualClock } from './manual-clock.ts'

const pid = 'export const handler = async () => process.pid'
const holds = `
  export const handler = async ({ hold }) => {
    console.log(process.pid)
    if (hold) await new Promise(() => setInterval(() => undefined, 1000))
    return process.pid
  }`

test('invocations one after another need one process only', async () => {
  await using started = await lambdaWith({ pid: `console.log('up')\n${pid}` })

  for (let turn = 0; turn < 50; turn += 1) await call(started.lambda, 'pid')

  expect(started.lines).toEqual(['pid: up'])
})

test('more invocations than processes wait for their turn', async () => {
  await using started = await lambdaWith({ pid }, { maxProcesses: 1 })

  const pids = await Promise.all(Array.from({ length: 20 }, async () => call(started.lambda, 'pid')))

  expect(new Set(pids).size).toBe(1)
})

test('at the cap the process that was idle longest makes room', async () => {
  await using started = await lambdaWith({ old: pid, young: pid, next: pid }, { maxProcesses: 2 })
  const old = Number(await call(started.lambda, 'old'))
  const young = await call(started.lambda, 'young')

  await call(started.lambda, 'next')

  await eventually('the oldest is gone', () => groupOf(old).length === 0)
  expect(await call(started.lambda, 'young')).toBe(young)
})

test('a function without any process is not starved by one that is always busy', async () => {
  await using started = await lambdaWith({ busy: pid, rare: pid }, { maxProcesses: 1 })
  const over = new AbortController()
  const stream = async (): Promise<void> => {
    while (!over.signal.aborted) await call(started.lambda, 'busy')
  }
  const streams = [stream(), stream(), stream()]

  const rare = await call(started.lambda, 'rare')

  over.abort()
  await Promise.all(streams)
  expect(rare).toEqual(expect.any(Number))
})

test('long runs of one function leave room for functions that are not there yet', async () => {
  await using started = await lambdaWith({ holds, pid }, { maxProcesses: 2 })
  const holding = [1, 2, 3].map(async () => call(started.lambda, 'holds', { hold: true }))
  await eventually('one holds', () => started.lines.length === 1)

  const other = await call(started.lambda, 'pid')

  expect(other).toEqual(expect.any(Number))
  expect(started.lines).toHaveLength(1)
  await started.lambda.close()
  await Promise.all(holding)
})

test('an invocation that finds no room in time is throttled', async () => {
  const clock = manualClock()
  await using started = await lambdaWith(
    { holds: { source: holds, timeoutSeconds: 900 }, pid },
    { clock, maxProcesses: 1, queueSeconds: 30 },
  )
  const holding = call(started.lambda, 'holds', { hold: true })
  await eventually('it holds the only process', () => started.lines.length === 1)

  const second = call(started.lambda, 'pid')
  clock.advance(30_000)

  expect(await second).toMatchObject({ ok: false, origin: 'service', errorType: 'TooManyRequestsException' })
  await started.lambda.close()
  await holding
})

test('reserved concurrency throttles at once what is beyond it', async () => {
  await using started = await lambdaWith({ holds: { source: holds, reservedConcurrency: 1 } })
  const first = call(started.lambda, 'holds', { hold: true })

  const second = await call(started.lambda, 'holds', { hold: false })

  expect(second).toMatchObject({ ok: false, origin: 'service', errorType: 'TooManyRequestsException' })
  await started.lambda.close()
  await first
})

test('a process that stays idle is reaped', async () => {
  const clock = manualClock()
  await using started = await lambdaWith({ pid }, { clock, idleSeconds: 300 })
  const idle = Number(await call(started.lambda, 'pid'))
  await eventually('it is idle', () => clock.pending() === 1)

  clock.advance(300_000)

  await eventually('it is gone', () => groupOf(idle).length === 0)
  expect(await call(started.lambda, 'pid')).not.toBe(idle)
})

test('a caller that leaves takes its waiting invocation back, and nothing else', async () => {
  const clock = manualClock()
  await using started = await lambdaWith({ holds }, { clock, maxProcesses: 1 })
  const holding = call(started.lambda, 'holds', { hold: true })
  await eventually('it runs', () => started.lines.length === 1)
  const caller = new AbortController()

  const waiting = started.lambda.invoke('holds', '{}', { signal: caller.signal })
  caller.abort(new Error('left'))

  await expect(waiting).rejects.toThrow('left')
  clock.advance(30_000)
  expect(await holding).toMatchObject({ errorType: 'Sandbox.Timedout' })
  expect(started.lines.length).toBe(1)
})

test('an event that fails is tried twice more, after one and after two minutes, then dropped', async () => {
  const clock = manualClock()
  const source = `export const handler = async (event, { awsRequestId }) => {
    console.log('try ' + awsRequestId)
    throw new Error('again')
  }`
  await using started = await lambdaWith({ fails: source }, { clock, idleSeconds: 86_400 })
  const tries = (): string[] => started.lines.filter((line) => line.startsWith('fails: try'))
  const waitsAgain = (count: number) => (): boolean => tries().length === count && clock.pending() === 2

  started.lambda.send('fails', '{}')
  await eventually('first try', waitsAgain(1))
  clock.advance(60_000)
  await eventually('second try', waitsAgain(2))
  clock.advance(119_999)
  const early = tries().length
  clock.advance(1)
  await eventually('third try', () => started.lines.some((line) => line.includes('dropped: again')))

  expect(early).toBe(2)
  expect(tries().length).toBe(3)
  expect(new Set(tries()).size).toBe(1)
})

test('an event is tried no more often than the template says', async () => {
  const clock = manualClock()
  const source = 'export const handler = async () => { throw new Error("once") }'
  await using started = await lambdaWith({ fails: { source, retryAttempts: 0 } }, { clock })

  started.lambda.send('fails', '{}')

  await eventually('dropped', () => started.lines.some((line) => line.includes('dropped: once')))
  expect(started.lines.filter((line) => line.includes('errorType')).length).toBe(1)
})

test('an event that is throttled is tried until there is room', async () => {
  const clock = manualClock()
  const settings = { source: holds, reservedConcurrency: 1, timeoutSeconds: 2 }
  await using started = await lambdaWith({ holds: settings }, { clock })
  const holding = call(started.lambda, 'holds', { hold: true })
  await eventually('it holds the only place', () => started.lines.length === 1)

  started.lambda.send('holds', '{"hold":false}')
  await eventually('the event waits', () => clock.pending() === 2)
  clock.advance(1000)
  await eventually('the event waits longer', () => clock.pending() === 2)
  clock.advance(1000)
  await holding
  clock.advance(1000)

  await eventually('the event ran', () => started.lines.length === 2)
  expect(started.lines).not.toContainEqual(expect.stringContaining('dropped'))
})

test('a wait shorter than the patience starts no second process', async () => {
  const clock = manualClock()
  await using started = await lambdaWith({ pid }, { clock, growAfterMilliseconds: 100 })

  const pids = await Promise.all(Array.from({ length: 20 }, async () => call(started.lambda, 'pid')))

  expect(new Set(pids).size).toBe(1)
})

test('whoever waits behind a long run gets a process of its own once the patience is over', async () => {
  const clock = manualClock()
  await using started = await lambdaWith({ holds }, { clock, growAfterMilliseconds: 100 })
  const holding = call(started.lambda, 'holds', { hold: true })
  await eventually('it holds', () => started.lines.length === 1)
  const waiting = call(started.lambda, 'holds', {})

  clock.advance(100)

  expect(await waiting).toEqual(expect.any(Number))
  await started.lambda.close()
  await holding
})
