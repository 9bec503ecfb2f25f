import { InvokeCommand, type InvokeCommandInput, LambdaClient } from '@aws-sdk/client-lambda'
import { expect, test } from 'vitest'
import { eventually } from '../processes/inspect.ts'
import { arnOf, lambdaWith, type Started } from './functions.ts'

const echo = 'export const handler = async (event) => ({ echo: event })'

test.each(['echo', arnOf('echo'), '000000000000:function:echo', 'echo:$LATEST', `${arnOf('echo')}:$LATEST`])(
  'the SDK client invokes a function as %s',
  async (FunctionName) => {
    await using started = await lambdaWith({ echo })

    const answer = await send(started, { FunctionName, Payload: '{"a":[1,"ü"]}' })

    expect(answer).toMatchObject({
      StatusCode: 200,
      ExecutedVersion: '$LATEST',
      payload: { echo: { a: [1, 'ü'] } },
    })
    expect(answer.FunctionError).toBeUndefined()
  },
)

test('an empty payload is an empty object', async () => {
  await using started = await lambdaWith({ echo })

  const answer = await send(started, { FunctionName: 'echo' })

  expect(answer.payload).toEqual({ echo: {} })
})

test('what a function throws is an answer with X-Amz-Function-Error', async () => {
  const source = 'export const handler = async () => { throw new RangeError("too far") }'
  await using started = await lambdaWith({ throws: source })

  const answer = await send(started, { FunctionName: 'throws' })

  expect(answer).toMatchObject({ StatusCode: 200, FunctionError: 'Unhandled' })
  expect(answer.payload).toMatchObject({ errorType: 'RangeError', errorMessage: 'too far' })
})

const refusals: { why: string; input: InvokeCommandInput; name: string; status: number }[] = [
  {
    why: 'of an unknown name',
    input: { FunctionName: 'nobody' },
    name: 'ResourceNotFoundException',
    status: 404,
  },
  {
    why: 'of an unknown version',
    input: { FunctionName: 'echo', Qualifier: '7' },
    name: 'ResourceNotFoundException',
    status: 404,
  },
  {
    why: 'with reserved concurrency 0',
    input: { FunctionName: 'none' },
    name: 'TooManyRequestsException',
    status: 429,
  },
  {
    why: 'with a payload that is not JSON',
    input: { FunctionName: 'echo', Payload: '{"a":' },
    name: 'InvalidRequestContentException',
    status: 400,
  },
  {
    why: 'with a payload beyond 6 MB',
    input: { FunctionName: 'echo', Payload: JSON.stringify('x'.repeat(6 * 1024 * 1024)) },
    name: 'RequestTooLargeException',
    status: 413,
  },
  {
    why: 'with an event beyond 1 MB',
    input: {
      FunctionName: 'echo',
      InvocationType: 'Event',
      Payload: JSON.stringify('x'.repeat(1024 * 1024)),
    },
    name: 'RequestTooLargeException',
    status: 413,
  },
]

test.each(refusals)('an invocation $why is refused with $name', async ({ input, name, status }) => {
  await using started = await lambdaWith({ echo, none: { source: echo, reservedConcurrency: 0 } })

  const refused = send(started, input)

  await expect(refused).rejects.toMatchObject({ name, $metadata: { httpStatusCode: status } })
})

test('a response beyond 6 MB is the error of the function', async () => {
  const source = 'export const handler = async () => "x".repeat(6 * 1024 * 1024 + 200)'
  await using started = await lambdaWith({ large: source })

  const answer = await send(started, { FunctionName: 'large' })

  expect(answer).toMatchObject({ FunctionError: 'Unhandled' })
  expect(answer.payload).toMatchObject({ errorType: 'Function.ResponseSizeTooLarge' })
})

test('an event is accepted at once and run', async () => {
  const source = 'export const handler = async ({ say }) => console.log(say)'
  await using started = await lambdaWith({ says: source })

  const answer = await send(started, {
    FunctionName: 'says',
    InvocationType: 'Event',
    Payload: '{"say":"hello"}',
  })

  expect(answer.StatusCode).toBe(202)
  await eventually('it ran', () => started.lines.includes('says: hello'))
})

test('a dry run runs nothing', async () => {
  await using started = await lambdaWith({ says: 'console.log("up"); export const handler = async () => 1' })

  const answer = await send(started, { FunctionName: 'says', InvocationType: 'DryRun' })

  expect(answer.StatusCode).toBe(204)
  expect(started.lines).toEqual([])
})

async function send({ lambda }: Started, input: InvokeCommandInput) {
  const client = new LambdaClient({
    endpoint: lambda.endpoint,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  })
  try {
    const answer = await client.send(new InvokeCommand(input))
    const text = answer.Payload?.transformToString() ?? ''
    return { ...answer, payload: text === '' ? undefined : (JSON.parse(text) as unknown) }
  } finally {
    client.destroy()
  }
}
