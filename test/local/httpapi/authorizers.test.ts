import { expect, test } from 'vitest'
import { anAuthorizer, aRoute, ok, runApi } from './support.ts'

const allow = () => ok({ isAuthorized: true })
const served = () => ok('served')

test.each([
  ['allows', allow, 200, 'served'],
  ['denies', () => ok({ isAuthorized: false }), 403, '{"message":"Forbidden"}'],
  [
    'fails',
    () => ({ ok: false, errorType: 'E', errorMessage: 'm' }),
    500,
    '{"message":"Internal Server Error"}',
  ],
  ['answers something else', () => ok({ isAuthorized: 'yes' }), 500, '{"message":"Internal Server Error"}'],
  ['answers nothing', () => ok(null), 500, '{"message":"Internal Server Error"}'],
])('an authorizer that %s', async (_, guard, status, body) => {
  await using api = await guarded({ guard })

  const response = await ask(api.url, 'Bearer a')

  expect({ status: response.status, body: await response.text() }).toEqual({ status, body })
})

test('without every identity source nobody is asked: 401', async () => {
  await using api = await guarded(
    { guard: allow },
    { identitySources: ['$request.header.Authorization', '$request.querystring.k'] },
  )

  const responses = [
    await fetch(`${api.url}?k=1`),
    await ask(api.url, 'Bearer a'),
    await ask(`${api.url}?k=`, 'Bearer a'),
  ]

  expect(responses.map(({ status }) => status)).toEqual([401, 401, 401])
  expect(await responses[0]?.text()).toBe('{"message":"Unauthorized"}')
  expect(api.calls).toEqual([])
})

test.each([
  ['allowed', allow],
  ['denied', () => ok({ isAuthorized: false })],
])('a verdict is kept for its time and its identity: %s', async (_, guard) => {
  await using api = await guarded({ guard })
  const asked = () => api.calls.filter(({ functionArn }) => functionArn === 'guard').length

  const counts: number[] = []
  for (const [token, later] of [
    ['a', 0],
    ['a', 9_999],
    ['b', 0],
    ['a', 1],
  ] as const) {
    api.clock.advance(later)
    await ask(api.url, token)
    counts.push(asked())
  }

  expect(counts).toEqual([1, 1, 2, 3])
})

test.each([
  ['a broken authorizer', () => ok(null), {}],
  ['a time to live of zero', allow, { resultTtlSeconds: 0 }],
])('%s is asked every time', async (_, guard, overrides) => {
  await using api = await guarded({ guard }, overrides)

  await ask(api.url, 'a')
  await ask(api.url, 'a')

  expect(api.calls.filter(({ functionArn }) => functionArn === 'guard').length).toBe(2)
})

test('an authorizer without context gives the function none', async () => {
  await using api = await guarded({ guard: allow })

  await ask(api.url, 'a')

  expect(api.calls[1]?.event).toMatchObject({ requestContext: { authorizer: { lambda: null } } })
})

test('an authorizer that takes ten seconds is broken', async () => {
  const called = Promise.withResolvers<void>()
  await using api = await guarded({ guard: () => (called.resolve(), new Promise(() => {})) })

  const pending = ask(api.url, 'a')
  await called.promise
  api.clock.advance(10_000)
  const response = await pending

  expect(response.status).toBe(500)
})

function guarded(
  functions: Readonly<Record<'guard', () => unknown>>,
  overrides: Parameters<typeof anAuthorizer>[0] = {},
) {
  return runApi({
    api: { routes: [aRoute('$default', { authorizer: anAuthorizer(overrides) })] },
    functions: { ...functions, fn: served },
  })
}

function ask(url: string, token: string) {
  return fetch(url, { headers: { authorization: token } })
}
