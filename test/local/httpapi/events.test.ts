import { request } from 'node:http'
import { expect, test } from 'vitest'
import { anAuthorizer, aRoute, ok, runApi } from './support.ts'

const trace = expect.stringMatching(/^Root=1-69b30e1e-[0-9a-f]{24}$/)
const requestId = expect.stringMatching(/^[A-Za-z0-9+/]{15}=$/)

test('the golden event of a request with everything, payload 2.0', async () => {
  await using api = await runApi({
    api: {
      routes: [aRoute('POST /v1/leases/{id}', { authorizer: anAuthorizer() })],
      stage: { name: '$default', variables: { colour: 'blue' } },
    },
    functions: { guard: () => ok({ isAuthorized: true, context: { who: 'ci', n: 1 } }), fn: () => ok({}) },
  })

  await send(`${api.url}/v1/leases/a%20b?x=1&y=%20&x=2`, {
    method: 'POST',
    headers: [
      'Host',
      'api.test',
      'Content-Type',
      'application/json',
      'Authorization',
      'Bearer t',
      'X-Many',
      'one',
      'X-Many',
      'two',
      'Cookie',
      'a=1; b=2',
      'User-Agent',
      'test/1',
      'Connection',
      'close',
    ],
    body: '{"k":"ü"}',
  })

  const shared = {
    rawPath: '/v1/leases/a b',
    rawQueryString: 'x=1&y=%20&x=2',
    routeKey: 'POST /v1/leases/{id}',
    cookies: ['a=1', 'b=2'],
    headers: {
      authorization: 'Bearer t',
      'content-length': '10',
      'content-type': 'application/json',
      host: 'api.test',
      'user-agent': 'test/1',
      'x-amzn-trace-id': trace,
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-port': new URL(api.url).port,
      'x-forwarded-proto': 'http',
      'x-many': 'one,two',
    },
    queryStringParameters: { x: '1,2', y: ' ' },
    pathParameters: { id: 'a b' },
    stageVariables: { colour: 'blue' },
    version: '2.0',
  }
  const requestContext = {
    accountId: '111122223333',
    apiId: 'abc123',
    domainName: 'abc123.execute-api.eu-west-1.amazonaws.com',
    domainPrefix: 'abc123',
    http: {
      method: 'POST',
      path: '/v1/leases/a b',
      protocol: 'HTTP/1.1',
      sourceIp: '127.0.0.1',
      userAgent: 'test/1',
    },
    requestId,
    routeKey: 'POST /v1/leases/{id}',
    stage: '$default',
    time: '12/Mar/2026:19:03:58 +0000',
    timeEpoch: Date.UTC(2026, 2, 12, 19, 3, 58, 21),
  }
  expect(api.calls).toEqual([
    {
      functionArn: 'guard',
      event: {
        ...shared,
        type: 'REQUEST',
        routeArn: 'arn:aws:execute-api:eu-west-1:111122223333:abc123/$default/POST/v1/leases/a b',
        identitySource: ['Bearer t'],
        requestContext,
      },
    },
    {
      functionArn: 'fn',
      event: {
        ...shared,
        requestContext: { ...requestContext, authorizer: { lambda: { who: 'ci', n: 1 } } },
        body: '{"k":"ü"}',
        isBase64Encoded: false,
      },
    },
  ])
})

test('the golden event of a bare request has no optional field', async () => {
  await using api = await runApi({ functions: { fn: () => ok({}) } })

  await send(`${api.url}/`, { method: 'GET', headers: ['Host', 'api.test'] })

  expect(api.calls[0]?.event).toEqual({
    version: '2.0',
    routeKey: '$default',
    rawPath: '/',
    rawQueryString: '',
    headers: {
      host: 'api.test',
      'x-amzn-trace-id': trace,
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-port': new URL(api.url).port,
      'x-forwarded-proto': 'http',
    },
    requestContext: {
      accountId: '111122223333',
      apiId: 'abc123',
      domainName: 'abc123.execute-api.eu-west-1.amazonaws.com',
      domainPrefix: 'abc123',
      http: { method: 'GET', path: '/', protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: '' },
      requestId,
      routeKey: '$default',
      stage: '$default',
      time: '12/Mar/2026:19:03:58 +0000',
      timeEpoch: Date.UTC(2026, 2, 12, 19, 3, 58, 21),
    },
    isBase64Encoded: false,
  })
})

test.each([
  ['application/json; charset=utf-8', 'plain', false],
  ['application/problem+json', 'plain', false],
  ['text/csv', 'plain', false],
  ['application/octet-stream', 'cGxhaW4=', true],
  [undefined, 'cGxhaW4=', true],
])('a body of type %s arrives as %s', async (type, body, isBase64Encoded) => {
  await using api = await runApi({ functions: { fn: () => ok({}) } })
  const headers = ['Host', 'x', ...(type ? ['Content-Type', type] : [])]

  await send(api.url, { method: 'POST', headers, body: 'plain' })

  expect(api.calls[0]?.event).toMatchObject({ body, isBase64Encoded })
})

test('a named stage is part of the path and of no route', async () => {
  await using api = await runApi({
    api: { stage: { name: 'prod', variables: {} }, routes: [aRoute('GET /a')] },
    functions: { fn: () => ok({}) },
  })

  const statuses = [await fetch(`${api.url}/prod/a`), await fetch(`${api.url}/a`)].map(({ status }) => status)

  expect(statuses).toEqual([200, 404])
  expect(api.calls[0]?.event).toMatchObject({ rawPath: '/prod/a', requestContext: { stage: 'prod' } })
})

/** Sends exactly these headers: `fetch` adds its own. */
function send(url: string, options: { method: string; headers: string[]; body?: string }): Promise<void> {
  return new Promise((resolve, reject) => {
    const length =
      options.body === undefined ? [] : ['Content-Length', String(Buffer.byteLength(options.body))]
    const headers = [...options.headers, ...length]
    const outgoing = request(url, { method: options.method, headers, agent: false }, (response) => {
      response.resume().once('end', resolve)
    })
    outgoing.once('error', reject)
    outgoing.end(options.body)
  })
}
