import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { startParent } from '../processes/parent.ts'
import { eventually, groupOf } from '../processes/inspect.ts'
import { arnOf, call, lambdaWith } from './functions.ts'

test('a function sees what the service, the caller and the template give it, and nothing of ours', async () => {
  process.env['OURS_ALONE'] = 'secret'
  const built = {
    source: 'export const handler = async () => process.env',
    environment: { OWN: 'template', BOTH: 'template' },
    memoryMb: 512,
  }
  await using started = await lambdaWith(
    { shows: built },
    { environment: { BOTH: 'caller', AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:8000' } },
  )

  const seen = (await call(started.lambda, 'shows')) as Record<string, string>

  delete process.env['OURS_ALONE']
  expect(seen).toMatchObject({
    AWS_LAMBDA_FUNCTION_NAME: 'shows',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '512',
    AWS_REGION: 'eu-central-1',
    AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:8000',
    _HANDLER: 'index.handler',
    OWN: 'template',
    BOTH: 'template',
  })
  expect(Object.keys(seen)).not.toContain('OURS_ALONE')
  expect(seen['HOME']).not.toBe(process.env['HOME'])
})

test('the context names the function, the request and the time that is left', async () => {
  const source = `export const handler = async (event, context) =>
    ({ ...context, left: context.getRemainingTimeInMillis() })`
  await using started = await lambdaWith({ tells: { source, timeoutSeconds: 7 } })

  const told = (await call(started.lambda, 'tells')) as { left: number }

  expect(told).toMatchObject({
    functionName: 'tells',
    functionVersion: '$LATEST',
    memoryLimitInMB: '128',
    invokedFunctionArn: arnOf('tells'),
    awsRequestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
  })
  expect(told.left).toBeGreaterThan(0)
  expect(told.left).toBeLessThanOrEqual(7000)
})

test.each([
  { does: 'read its code', source: 'readFileSync(new URL("index.mjs", import.meta.url), "utf8").length > 0' },
  { does: 'use its scratch directory', source: 'writeFileSync(process.env.TMPDIR + "/x", "1")' },
])('an isolated function may $does', async ({ source }) => {
  await using started = await lambdaWith({ tries: trying(source) })

  const outcome = await call(started.lambda, 'tries')

  expect(outcome).toBe('done')
})

test.each([
  { does: 'read the files of the machine', source: 'readFileSync("/etc/passwd")' },
  { does: 'change its code', source: 'writeFileSync(new URL("index.mjs", import.meta.url), "")' },
  { does: 'start a process', source: '(await import("node:child_process")).execFileSync("true")' },
])('an isolated function may not $does', async ({ source }) => {
  await using started = await lambdaWith({ tries: trying(source) })

  const outcome = await call(started.lambda, 'tries')

  expect(outcome).toBe('ERR_ACCESS_DENIED')
})

test('another runtime that speaks the Runtime API can take the place of ours', async () => {
  const foreign = fileURLToPath(new URL('foreign-runtime.mjs', import.meta.url))
  await using started = await lambdaWith({ any: '' }, { runtime: [process.execPath, foreign] })

  const answers = [
    await call(started.lambda, 'any', { n: 1 }),
    await call(started.lambda, 'any', { fail: true }),
  ]

  expect(answers).toMatchObject([
    { handler: 'index.handler', arn: arnOf('any'), event: { n: 1 } },
    { ok: false, errorType: 'Foreign.Error', errorMessage: 'as asked' },
  ])
})

test('functions die with a parent that was killed by SIGKILL, in an endless loop too', async () => {
  await using idle = await lambdaWith({})
  writeFileSync(
    join(idle.directory, 'index.mjs'),
    'export const handler = async () => { console.log(process.pid); for (;;); }',
  )
  await using held = await startParent('../../lambda/holds-a-function', idle.directory)
  const before = groupOf(held.pid)

  held.parent.kill('SIGKILL')

  await eventually('the function is gone', () => groupOf(held.pid).length === 0)
  expect(before).toContain(held.pid)
})

function trying(expression: string): string {
  return `import { readFileSync, writeFileSync } from 'node:fs'
    export const handler = async () => {
      try { ${expression}; return 'done' } catch (error) { return error.code }
    }`
}
