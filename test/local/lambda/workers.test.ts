import { expect, test } from 'vitest'
import { eventually, groupOf } from '../processes/inspect.ts'
import { arnOf, call, lambdaWith } from './functions.ts'
import { manualClock } from './manual-clock.ts'

const pid = 'export const handler = async () => process.pid'
const waits = `
  import { setTimeout } from 'node:timers/promises'
  export const handler = async () => {
    console.log('began')
    await setTimeout(200)
    return process.pid
  }`
const hangs = 'console.log("up")\nawait new Promise(() => setInterval(() => undefined, 1000))'
const spins = 'export const handler = async () => { console.log(process.pid); for (;;); }'

test('a warm process is used again', async () => {
  await using started = await lambdaWith({ pid })

  const pids = [await call(started.lambda, 'pid'), await call(started.lambda, 'pid')]

  expect(pids[0]).toBe(pids[1])
})

test('a process takes one invocation at a time', async () => {
  await using started = await lambdaWith({ waits })

  const pids = await Promise.all([call(started.lambda, 'waits'), call(started.lambda, 'waits')])

  expect(new Set(pids).size).toBe(2)
})

test('the process used last is used first', async () => {
  const clock = manualClock()
  await using started = await lambdaWith({ waits }, { clock })
  const idle =
    (count: number): (() => boolean) =>
    (): boolean =>
      clock.pending() === count
  await Promise.all([call(started.lambda, 'waits'), call(started.lambda, 'waits')])
  await eventually('both are idle', idle(2))

  const last = await call(started.lambda, 'waits')
  await eventually('both are idle again', idle(2))
  const again = await call(started.lambda, 'waits')

  expect(again).toBe(last)
})

test('warm starts one process and only one', async () => {
  await using started = await lambdaWith({ pid: `console.log('up')\n${pid}` })

  await started.lambda.warm(['pid', arnOf('pid')])
  await started.lambda.warm(['pid'])
  await call(started.lambda, 'pid')

  expect(started.lines).toEqual(['pid: up'])
})

test('an invocation that overruns is killed with its process, and the next gets another', async () => {
  const clock = manualClock()
  const source = `export const handler = async (spin) => {
    console.log(process.pid)
    if (spin) for (;;);
    return process.pid
  }`
  await using started = await lambdaWith({ spins: { source, timeoutSeconds: 3 } }, { clock })
  const overrun = started.lambda.invoke('spins', 'true')
  await eventually('it runs', () => started.lines.length === 1)
  const first = Number(started.lines[0]?.slice('spins: '.length))

  clock.advance(3000)

  expect(await overrun).toMatchObject({
    ok: false,
    origin: 'function',
    errorType: 'Sandbox.Timedout',
    errorMessage: expect.stringMatching(
      /^RequestId: [0-9a-f-]{36} Error: Task timed out after 3.00 seconds$/,
    ),
  })
  await eventually('the process is gone', () => groupOf(first).length === 0)
  expect(await call(started.lambda, 'spins', false)).not.toBe(first)
})

test('an initialisation that overruns is killed', async () => {
  const clock = manualClock()
  await using started = await lambdaWith({ hangs: { source: hangs, timeoutSeconds: 3 } }, { clock })
  const overrun = started.lambda.invoke('hangs', '{}')
  await eventually('it initialises', () => started.lines.length === 1)

  clock.advance(10_000)

  expect(await overrun).toMatchObject({ ok: false, errorType: 'Sandbox.Timedout' })
})

test.each([
  { how: 'exits', source: 'process.exit(3)', message: 'with error: exit status 3' },
  { how: 'exits with 0', source: 'process.exit(0)', message: 'without providing a reason' },
  { how: 'is killed', source: 'process.kill(process.pid, "SIGKILL")', message: 'with error: signal: killed' },
])('a function whose process $how fails with Runtime.ExitError', async ({ source, message }) => {
  await using started = await lambdaWith({ ends: `export const handler = async () => { ${source} }` })

  const result = await started.lambda.invoke('ends', '{}')

  expect(result).toMatchObject({ ok: false, origin: 'function', errorType: 'Runtime.ExitError' })
  expect(result).toMatchObject({ errorMessage: expect.stringContaining(message) })
})

test.each([
  { what: 'a module that throws', source: 'throw new TypeError("no")', errorType: 'TypeError' },
  { what: 'a syntax error', source: 'export const = 1', errorType: 'Runtime.UserCodeSyntaxError' },
  { what: 'a missing import', source: 'import "./missing.mjs"', errorType: 'Runtime.ImportModuleError' },
  { what: 'no such export', source: 'export const other = 1', errorType: 'Runtime.HandlerNotFound' },
  {
    what: 'an export that is no function',
    source: 'export const handler = 1',
    errorType: 'Runtime.HandlerNotFound',
  },
  {
    what: 'a handler with a callback',
    source: 'export const handler = (event, context, callback) => callback()',
    errorType: 'Runtime.CallbackHandlerDeprecated',
  },
  { what: 'a process that exits', source: 'process.exit(1)', errorType: 'Runtime.ExitError' },
])('an initialisation with $what fails the invocation with $errorType', async ({ source, errorType }) => {
  await using started = await lambdaWith({ broken: source })

  const result = await started.lambda.invoke('broken', '{}')

  expect(result).toMatchObject({ ok: false, origin: 'function', errorType })
})

test('after a failed initialisation the next invocation tries again', async () => {
  const source = `import { existsSync, writeFileSync } from 'node:fs'
    const marker = new URL('tried', import.meta.url)
    if (!existsSync(marker)) { writeFileSync(marker, ''); throw new Error('first time') }
    export const handler = async () => 'ready'`
  await using started = await lambdaWith({ second: source }, { isolateFiles: false })

  const results = [await call(started.lambda, 'second'), await call(started.lambda, 'second')]

  expect(results).toMatchObject([{ ok: false, errorMessage: 'first time' }, 'ready'])
})

test('an error that nobody caught fails the invocation and ends the process', async () => {
  const source = `export const handler = async (fail) => {
    if (!fail) return process.pid
    setImmediate(() => { throw new Error('nobody caught me') })
    await new Promise(() => undefined)
  }`
  await using started = await lambdaWith({ loose: source })
  const before = await call(started.lambda, 'loose', false)

  const failure = await call(started.lambda, 'loose', true)

  expect(failure).toMatchObject({ errorMessage: 'nobody caught me' })
  expect(await call(started.lambda, 'loose', false)).not.toBe(before)
})

test('close kills what is still under way after the grace', async () => {
  const clock = manualClock()
  const started = await lambdaWith({ spins }, { clock, graceSeconds: 5 })
  const underWay = started.lambda.invoke('spins', '{}')
  await eventually('it runs', () => started.lines.length === 1)

  const closing = started[Symbol.asyncDispose]()
  clock.advance(5000)
  await closing

  expect(await underWay).toMatchObject({ ok: false, errorType: 'Runtime.ExitError' })
  const worker = Number(started.lines[0]?.slice('spins: '.length))
  await eventually('the process is gone', () => groupOf(worker).length === 0)
  expect(clock.pending()).toBe(0)
})

test('close lets what is under way end within the grace', async () => {
  const started = await lambdaWith({ waits }, { graceSeconds: 30 })
  const underWay = call(started.lambda, 'waits')
  await eventually('it runs', () => started.lines.length === 1)

  await started[Symbol.asyncDispose]()

  expect(await underWay).toEqual(expect.any(Number))
})
