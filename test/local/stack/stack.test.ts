import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { startStack } from '../../../infra/local/stack.ts'
import type { Stack, StackOptions } from '../../../infra/local/stack.ts'
import { greeterAssembly } from '../support/greeter.ts'

const word = { '/greeter/word': { value: 'hello', type: 'SecureString' } } as const

test('a request goes through authorizer, function, state machine, parameter and table, and its result is read back', async () => {
  await using app = await running()

  const created = await post(app.stack, 'ada')
  const greeting = await eventually(() => read(app.stack, 'ada'))

  expect({ status: created.status, caller: await created.text() }).toEqual({ status: 202, caller: 'ci' })
  expect(greeting).toBe('hello ada')
})

test('the template’s answers hold locally: who is not known is refused, a failed execution reaches its rule', async () => {
  await using app = await running()

  const refused = await fetch(`${app.stack.apiUrl}/greetings/x`, { headers: { authorization: 'Bearer bad' } })
  await post(app.stack, 'nobody')
  const failure = await eventually(() => read(app.stack, 'failed'))

  expect(refused.status).toBe(403)
  expect(failure).toBe('nobody NobodyHere')
})

test('functions and outputs know the local address of the API', async () => {
  await using app = await running()

  const answer = await app.stack.invoke('Where', {})

  expect(answer).toEqual({ ok: true, payload: { api: app.stack.apiUrl, table: 'Data-Table' } })
  expect(app.stack.outputs).toEqual({ Data: { Table: 'Data-Table' }, App: { Url: app.stack.apiUrl } })
})

test('a function that throws is an answer, one that does not exist a mistake of the caller', async () => {
  await using app = await running()

  const thrown = await app.stack.invoke('Greet', { name: 'nobody' })

  expect(thrown).toEqual({ ok: false, errorType: 'NobodyHere', errorMessage: 'nobody is here' })
  expect(() => app.stack.invoke('Nowhere', {})).toThrow(/no function Nowhere; there are App-GuardFunction/)
})

test('with a data directory the next start goes on: tables, parameters and executions that wait', async () => {
  const data = mkdtempSync(join(tmpdir(), 'stack-'))
  try {
    {
      await using first = await running({ data })
      await post(first.stack, 'ada')
      await eventually(() => read(first.stack, 'ada'))
      await startExecution(first.stack, { name: 'later', seconds: 1 })
    }

    await using second = await running({
      data,
      parameters: { '/greeter/word': { value: 'bye', type: 'String' } },
    })
    const kept = await read(second.stack, 'ada')
    const resumed = await eventually(() => read(second.stack, 'later'))

    expect([kept, resumed]).toEqual(['hello ada', 'hello later'])
    expect((statSync(data).mode & 0o077).toString(8)).toBe('0')
  } finally {
    rmSync(data, { recursive: true })
  }
})

test('a service for which the environment names an endpoint is not started', async () => {
  await using other = await running()

  await using app = await running({ variables: { AWS_ENDPOINT_URL_SSM: other.stack.endpoints.ssm } })
  const answer = await app.stack.invoke('Greet', { name: 'ada' })

  expect(app.stack.endpoints.ssm).toBe(other.stack.endpoints.ssm)
  expect(answer).toEqual({ ok: true, payload: 'hello ada' })
})

test('a stack that cannot start leaves nothing running', async () => {
  await using other = await running()
  using assembly = greeterAssembly()
  const port = Number(new URL(other.stack.apiUrl).port)

  const start = startStack({
    assembly: assembly.directory,
    parameters: word,
    port,
    variables: {},
    onLog: () => {},
  })

  await expect(start).rejects.toThrow(/EADDRINUSE/)
})

async function running(options: Partial<StackOptions> = {}) {
  const assembly = greeterAssembly()
  const logs: string[] = []
  const stack = await startStack({
    assembly: assembly.directory,
    parameters: word,
    variables: {},
    onLog: (source, line) => logs.push(`${source}: ${line}`),
    ...options,
  })
  return {
    stack,
    logs,
    async [Symbol.asyncDispose]() {
      await stack.close()
      assembly[Symbol.dispose]()
    },
  }
}

function post(stack: Stack, name: string) {
  return fetch(`${stack.apiUrl}/greetings`, {
    method: 'POST',
    headers: { authorization: 'Bearer good', 'content-type': 'application/json' },
    body: JSON.stringify({ name }),
  })
}

async function read(stack: Stack, name: string): Promise<string | undefined> {
  const response = await fetch(`${stack.apiUrl}/greetings/${name}`, {
    headers: { authorization: 'Bearer good' },
  })
  return response.status === 200 ? response.text() : undefined
}

async function startExecution(stack: Stack, input: object): Promise<void> {
  const response = await fetch(stack.endpoints.sfn, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': 'AWSStepFunctions.StartExecution',
    },
    body: JSON.stringify({
      stateMachineArn: 'arn:aws:states:us-east-1:000000000000:stateMachine:App-Machine',
      input: JSON.stringify(input),
    }),
  })
  expect(response.status).toBe(200)
}

/** Asks until there is an answer; the test's own time limit ends what never comes. */
async function eventually<T>(ask: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const answer = await ask()
    if (answer !== undefined) return answer
    await delay(20)
  }
}
