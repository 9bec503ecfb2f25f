import { connect } from 'node:net'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { aRoute, ok, runApi } from './support.ts'

const failed = { status: 500, type: 'application/json', body: '{"message":"Internal Server Error"}' }

test.each([
  ['an object without status code', { a: 1 }, { status: 200, type: 'application/json', body: '{"a":1}' }],
  ['a text', 'hello', { status: 200, type: 'application/json', body: 'hello' }],
  ['nothing', null, { status: 200, type: 'application/json', body: 'null' }],
  [
    'status code and text',
    { statusCode: 202, body: 'x' },
    { status: 202, type: 'text/plain;charset=UTF-8', body: 'x' },
  ],
  [
    'its own type',
    { statusCode: 404, headers: { 'Content-Type': 'a/b', 'content-length': '99' }, body: 'x' },
    { status: 404, type: 'a/b', body: 'x' },
  ],
  [
    'bytes',
    { statusCode: 200, body: 'aGk=', isBase64Encoded: true },
    { status: 200, type: 'text/plain;charset=UTF-8', body: 'hi' },
  ],
  ['a status code that is none', { statusCode: 'x' }, failed],
  ['a body that is no text', { statusCode: 200, body: { a: 1 } }, failed],
])('a function that answers %s', async (_, payload, expected) => {
  await using api = await runApi({ functions: { fn: () => ok(payload) } })

  const response = await fetch(api.url)

  expect(await seen(response)).toEqual(expected)
  expect(response.headers.get('apigw-requestid')).toMatch(/=$/)
})

test('cookies become one header each', async () => {
  await using api = await runApi({
    functions: { fn: () => ok({ statusCode: 200, cookies: ['a=1; Secure', 'b=2'] }) },
  })

  const response = await fetch(api.url)

  expect(response.headers.getSetCookie()).toEqual(['a=1; Secure', 'b=2'])
})

test('a function that fails is the gateway’s 500, and its message stays inside', async () => {
  await using api = await runApi({
    functions: { fn: () => ({ ok: false, errorType: 'Error', errorMessage: 'secret' }) },
  })

  const response = await fetch(api.url)

  expect(await seen(response)).toEqual(failed)
})

test('a header that cannot be sent is a 500 and a line in the log', async () => {
  await using api = await runApi({
    functions: { fn: () => ok({ statusCode: 200, headers: { 'x-bad': 'a\nb' } }) },
  })

  const response = await fetch(`${api.url}/p?token=hidden`)

  expect(response.status).toBe(500)
  expect(api.logs).toEqual([expect.stringMatching(/^http GET \/p: .*Invalid character/)])
})

test('a function that takes longer than the integration allows is a 503', async () => {
  const called = Promise.withResolvers<void>()
  await using api = await runApi({
    api: { routes: [aRoute('$default', { timeoutMilliseconds: 30_000 })] },
    functions: { fn: () => (called.resolve(), new Promise(() => {})) },
  })

  const pending = fetch(api.url)
  await called.promise
  api.clock.advance(30_000)
  const response = await pending

  expect(await seen(response)).toEqual({
    status: 503,
    type: 'application/json',
    body: '{"message":"Service Unavailable"}',
  })
})

test('what fits no route is a 404, a malformed path a 400', async () => {
  await using api = await runApi({ api: { routes: [aRoute('GET /a')] } })

  const responses = [await fetch(`${api.url}/b`), await fetch(`${api.url}/%ff`)]

  expect(await Promise.all(responses.map(seen))).toEqual([
    { status: 404, type: 'application/json', body: '{"message":"Not Found"}' },
    { status: 400, type: 'application/json', body: '{"message":"Bad Request"}' },
  ])
})

test('ten megabytes pass, one byte more is a 413 that no function sees', async () => {
  await using api = await runApi({ functions: { fn: () => ok({}) } })
  const post = (bytes: number) => fetch(api.url, { method: 'POST', body: Buffer.alloc(bytes) })

  const responses = [await post(10 * 1024 * 1024), await post(10 * 1024 * 1024 + 1)]

  expect(responses.map(({ status }) => status)).toEqual([200, 413])
  expect(await responses[1]?.text()).toBe('{"message":"Request Entity Too Large"}')
  expect(api.calls.length).toBe(1)
})

test.each([
  ['in the middle of its body', 'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nhalf', false],
  ['before the answer', 'GET / HTTP/1.1\r\nhost: x\r\n\r\n', true],
])('a client that leaves %s disturbs nobody', async (_, bytes, reachesFunction) => {
  const called = Promise.withResolvers<void>()
  const left = Promise.withResolvers<void>()
  let first = true
  await using api = await runApi({
    functions: {
      fn: async () => {
        if (first && reachesFunction) {
          first = false
          called.resolve()
          await left.promise
        }
        return ok('served')
      },
    },
  })
  const socket = connect(Number(new URL(api.url).port), '127.0.0.1')
  await once(socket, 'connect')
  await new Promise<void>((resolve) => socket.write(bytes, () => resolve()))
  if (reachesFunction) await called.promise

  socket.destroy()
  await once(socket, 'close')
  left.resolve()
  const response = await fetch(api.url)

  expect(await response.text()).toBe('served')
  expect(api.logs).toEqual([])
})

test('with a CORS configuration the gateway answers preflights and marks answers', async () => {
  await using api = await runApi({
    api: {
      cors: {
        allowOrigins: ['https://ui.test'],
        allowMethods: ['GET', 'POST'],
        allowHeaders: ['authorization'],
        exposeHeaders: ['etag'],
        maxAgeSeconds: 60,
        allowCredentials: true,
      },
    },
    functions: {
      fn: () => ok({ statusCode: 200, headers: { 'access-control-allow-origin': 'https://own.test' } }),
    },
  })
  const ask = (method: string, origin: string) =>
    fetch(api.url, { method, headers: { origin, 'access-control-request-method': 'GET' } })

  const answers = [
    await ask('OPTIONS', 'https://ui.test'),
    await ask('GET', 'https://ui.test'),
    await ask('GET', 'https://evil.test'),
  ]

  expect(
    answers.map(({ status, headers }) => [
      status,
      Object.fromEntries([...headers].filter(([name]) => name.startsWith('access-'))),
    ]),
  ).toEqual([
    [
      204,
      {
        'access-control-allow-origin': 'https://ui.test',
        'access-control-allow-credentials': 'true',
        'access-control-allow-methods': 'GET,POST',
        'access-control-allow-headers': 'authorization',
        'access-control-expose-headers': 'etag',
        'access-control-max-age': '60',
      },
    ],
    [
      200,
      {
        'access-control-allow-origin': 'https://ui.test',
        'access-control-allow-credentials': 'true',
        'access-control-expose-headers': 'etag',
      },
    ],
    [200, {}],
  ])
  expect(api.calls.length).toBe(2)
})

async function seen(response: Response) {
  return { status: response.status, type: response.headers.get('content-type'), body: await response.text() }
}
