import { execFileSync } from 'node:child_process'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createWebhooks } from '../../../lib/adapters/webhooks/webhooks.ts'
import type { WebhooksOptions } from '../../../lib/adapters/webhooks/webhooks.ts'
import { sign } from '../../../lib/adapters/webhooks/sign.ts'

const HOST = 'hooks.example.org'
const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
const AT = 1_700_000_000_000
const LOOPBACK = [{ address: '127.0.0.1', family: 4 }]

interface Heard {
  readonly method: string | undefined
  readonly url: string | undefined
  readonly headers: Readonly<Record<string, unknown>>
  readonly body: string
}

/** A certificate of its own for one name, and a server that notes what it hears. */
const heard: Heard[] = []
let answer = { status: 204, headers: {} as Record<string, string> }
const { key, certificate } = selfSigned()
const server = createServer({ key, cert: certificate }, (request, response) => {
  let body = ''
  request.setEncoding('utf8')
  request.on('data', (text: string) => (body += text))
  request.on('end', () => {
    heard.push({ method: request.method, url: request.url, headers: request.headers, body })
    response.writeHead(answer.status, answer.headers).end('said')
  })
})
beforeAll(() => new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening)))
afterAll(() => new Promise((closed) => server.close(closed)))

const open = (options: Partial<WebhooksOptions> = {}) =>
  createWebhooks({
    secrets: async () => JSON.stringify({ acme: SECRET }),
    now: () => AT,
    resolve: async () => LOOPBACK,
    isAllowed: () => true,
    authority: certificate,
    ...options,
  })
const message = (more: object = {}) => ({
  id: 'build_X_1',
  tenant: 'acme',
  url: `https://${HOST}:${(server.address() as AddressInfo).port}/hook?a=b`,
  body: '{"é":1}',
  ...more,
})

test('a message is posted with its signature, to the name that was judged', async () => {
  heard.length = 0
  answer = { status: 204, headers: {} }

  const posted = await open().post(message())

  expect(posted).toEqual({ kind: 'delivered' })
  expect(heard).toMatchObject([
    {
      method: 'POST',
      url: '/hook?a=b',
      body: '{"é":1}',
      headers: {
        ...sign([SECRET], 'build_X_1', AT, '{"é":1}'),
        'content-type': 'application/json',
        host: expect.stringContaining(HOST),
      },
    },
  ])
})

test.each([
  [200, 'delivered'],
  [299, 'delivered'],
  [302, 'failed'],
  [404, 'failed'],
  [410, 'refused'],
  [500, 'failed'],
])('an answer %i is %s, and a redirect is not followed', async (status, kind) => {
  heard.length = 0
  answer = { status, headers: { location: message().url } }

  const posted = await open().post(message())

  expect(posted.kind).toBe(kind)
  expect(heard).toHaveLength(1)
})

test('an address that is not public is refused after its name was resolved, and nothing is sent', async () => {
  heard.length = 0
  const posted = await createWebhooks({
    secrets: async () => JSON.stringify({ acme: SECRET }),
    now: () => AT,
    resolve: async () => [{ address: '93.184.216.34', family: 4 }, ...LOOPBACK],
  }).post(message())

  expect(posted).toEqual({ kind: 'refused', detail: 'its name leads to an address that is not public' })
  expect(heard).toEqual([])
})

test('a certificate that nobody vouches for is no delivery', async () => {
  heard.length = 0

  const posted = await createWebhooks({
    secrets: async () => JSON.stringify({ acme: SECRET }),
    now: () => AT,
    resolve: async () => LOOPBACK,
    isAllowed: () => true,
  }).post(message())

  expect(posted.kind).toBe('failed')
  expect(heard).toEqual([])
})

test.each([
  ['no secrets at all', async () => undefined],
  ['none of this tenant', async () => JSON.stringify({ other: SECRET })],
  ['one that is too short', async () => JSON.stringify({ acme: 'whsec_AAAA' })],
])('where there is %s, nothing is sent unsigned', async (_, secrets) => {
  heard.length = 0

  const posted = await open({ secrets }).post(message())

  expect(posted).toEqual({ kind: 'refused', detail: 'no secret is registered for the tenant' })
  expect(heard).toEqual([])
})

test.each(['https://hooks.example.org:99999/x', 'nonsense'])(
  'an address that cannot be one is refused, and no fault: %s',
  async (url) => {
    const posted = await open().post(message({ url }))

    expect(posted).toEqual({ kind: 'refused', detail: 'its address is none' })
  },
)

test.each([
  ['are not JSON', async () => 'whsec_AAAA', 'the secrets that operators registered cannot be read'],
  [
    'are of another form',
    async () => JSON.stringify({ acme: [SECRET] }),
    'the secrets that operators registered cannot be read',
  ],
  [
    'cannot be had',
    async () => Promise.reject(Object.assign(new Error('no'), { name: 'AccessDeniedException' })),
    'AccessDeniedException',
  ],
])('secrets that %s are a failure that may pass, and nothing is sent', async (_, secrets, detail) => {
  heard.length = 0

  const posted = await open({ secrets }).post(message())

  expect(posted).toEqual({ kind: 'failed', detail })
  expect(heard).toEqual([])
})

test('only https is spoken', async () => {
  const posted = await open().post(message({ url: 'http://hooks.example.org/' }))

  expect(posted).toMatchObject({ kind: 'refused' })
})

test('nobody there is a failure that names no address', async () => {
  const posted = await open({
    resolve: async () => Promise.reject(Object.assign(new Error('getaddrinfo'), { code: 'ENOTFOUND' })),
  }).post(message())
  const nowhere = await open({ resolve: async () => [] }).post(message())

  expect(posted).toEqual({ kind: 'failed', detail: 'ENOTFOUND' })
  expect(nowhere.kind).toBe('failed')
})

function selfSigned(): { readonly key: string; readonly certificate: string } {
  const pem = execFileSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-days',
      '2',
      '-subj',
      `/CN=${HOST}`,
      '-addext',
      `subjectAltName=DNS:${HOST}`,
      '-keyout',
      '-',
      '-out',
      '-',
    ],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
  )
  const [key = ''] = /-----BEGIN PRIVATE KEY-----[^]+?-----END PRIVATE KEY-----\n/.exec(pem) ?? []
  const [certificate = ''] = /-----BEGIN CERTIFICATE-----[^]+?-----END CERTIFICATE-----\n/.exec(pem) ?? []
  return { key, certificate }
}
