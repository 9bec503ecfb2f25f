import { afterEach, describe, expect, test } from 'vitest'
import { createClient } from '../../lib/client/api.ts'
import { ProblemError, UnexpectedAnswerError, UnreachableError } from '../../lib/client/errors.ts'
import { Refusal, startApi } from '../support/api/server.ts'
import type { Api, Fault, Handlers } from '../support/api/server.ts'
import { startLeases } from '../support/api/leases.ts'

const opened: { close: () => Promise<void> }[] = []
afterEach(async () => {
  await Promise.all(opened.splice(0).map((each) => each.close()))
})

async function world(handlers: Handlers = {}) {
  const api = await startLeases({ handlers })
  opened.push(api)
  return { api, ...clientOf(api) }
}

/** Sleeps are written down, and over at once. */
function clientOf(api: Pick<Api, 'url'>, retries = 8) {
  const slept: number[] = []
  const client = createClient({
    url: api.url,
    token: 'api-token',
    retries,
    random: () => 0.5,
    sleep: async (milliseconds) => {
      slept.push(milliseconds)
    },
  })
  return { client, slept }
}

const busy = (status: number, headers: Record<string, string> = {}): Fault => ({
  refuse: new Refusal(status, 'unavailable', headers),
})

describe('what is sent again', () => {
  test.for<{ what: string; fault: Fault }>([
    { what: 'a connection that ended before it was handled', fault: { drop: 'before' } },
    { what: 'a connection that ended after it was handled', fault: { drop: 'after' } },
    { what: '429', fault: busy(429) },
    { what: '503', fault: busy(503) },
    { what: 'what a gateway says when a function failed', fault: busy(500) },
  ])('$what is tried again, with the same key, and creates one lease', async ({ fault }) => {
    const { api, client } = await world()
    api.failNext('createLease', fault, fault)

    const lease = await client.createLease({ body: { blueprint: 'linux' } })

    expect(api.all().map(({ id }) => id)).toEqual([lease.id])
    expect(api.seen).toHaveLength(3)
    expect(new Set(api.seen.map(({ key }) => key)).size).toBe(1)
  })

  test('waits double, with full jitter, up to ten seconds', async () => {
    const { api, client, slept } = await world()
    api.failNext('listPools', ...Array.from({ length: 8 }, () => busy(503)))

    const refused = client.listPools()

    await expect(refused).rejects.toMatchObject({ status: 501 })
    expect(slept).toEqual([100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000])
  })

  test('Retry-After is the least that it waits, in seconds as in dates', async () => {
    const { api, client, slept } = await world()
    const date = new Date(Date.now() + 30_000).toUTCString()
    api.failNext('listLeases', busy(429, { 'retry-after': '7' }), busy(503, { 'retry-after': date }))

    await client.listLeases()

    expect(slept[0]).toBe(7_000 + 100)
    expect(slept[1]).toBeGreaterThan(20_000)
    expect(slept[1]).toBeLessThan(31_000)
  })

  test('a Retry-After beyond a minute is told to the caller at once', async () => {
    const { api, client, slept } = await world()
    api.failNext('listLeases', busy(429, { 'retry-after': '600' }))

    const refused = client.listLeases()

    await expect(refused).rejects.toMatchObject({ retryAfterMilliseconds: 600_000 })
    expect(slept).toEqual([])
  })

  test('a POST without a key is sent again only where the service said when', async () => {
    const { api, client } = await world({
      createToken: ({ body }) => ({
        id: '01KA3M7Q5R8T0V2X4Z6B8D0F2H',
        tenant: body.tenant,
        scopes: body.scopes,
        createdAt: '2026-11-22T00:00:00Z',
        expiresAt: '2026-12-22T00:00:00Z',
        token: 'secret',
      }),
    })
    api.failNext('createToken', busy(429, { 'retry-after': '1' }))
    await client.createToken({ body: { tenant: 'web' } })
    api.failNext('createToken', { drop: 'after' })

    const lost = client.createToken({ body: { tenant: 'web' } })

    await expect(lost).rejects.toBeInstanceOf(UnreachableError)
    expect(api.seen).toHaveLength(3)
  })

  test('a refusal is final', async () => {
    const { api, client } = await world()
    api.failNext('listLeases', { refuse: new Refusal(403, 'not_authorized') })

    const refused = client.listLeases()

    await expect(refused).rejects.toMatchObject({ status: 403 })
    expect(api.seen).toHaveLength(1)
  })

  test('nobody there is told after the retries, with the reason', async () => {
    const { api } = await world()
    await api.close()
    const { client, slept } = clientOf(api, 3)

    const lost = client.listLeases()

    await expect(lost).rejects.toThrow(/no answer from http:\/\/127.0.0.1:\d+: .*ECONNREFUSED/)
    expect(slept).toHaveLength(3)
  })
})

describe('what a call is', () => {
  test('a problem is an error with its code, status, detail and hints', async () => {
    const { client } = await world()

    const refused = client.getLease({ id: '01KA3M7Q5R8T0V2X4Z6B8D0F2H' })

    await expect(refused).rejects.toBeInstanceOf(ProblemError)
    await expect(refused).rejects.toMatchObject({
      code: 'not_found',
      status: 404,
      detail: expect.any(String),
    })
  })

  test.for(['..', '../tokens', '', 'a/b'])(
    'a path parameter cannot lead to another route: %j',
    async (id) => {
      const { api, client } = await world()

      const refused = client.getLease({ id })

      await expect(refused).rejects.toMatchObject({ code: 'malformed' })
      expect(api.seen).toEqual([])
    },
  )

  test('a call may bring the token of its lease', async () => {
    const { api, client } = await world()
    const { id, token } = await client.createLease({ body: { blueprint: 'linux' } })

    await client.renewLease({ id, body: {} }, { token })

    expect(api.seen.map((each) => each.token)).toEqual(['api-token', token])
  })

  test('query and filters travel as the table has them', async () => {
    const { api, client } = await world()

    await client.listLeases({ status: 'active', limit: 7, owner: 'a b&c', pool: undefined })

    expect(api.seen[0]?.query).toEqual({ status: 'active', limit: 7, owner: 'a b&c' })
  })

  test('a signal ends a call, with its reason, and nothing is tried again', async () => {
    const { api, client } = await world({ listPools: () => new Promise(() => undefined) })
    const controller = new AbortController()
    const call = client.listPools({}, { signal: controller.signal })
    await until(() => api.seen.length === 1)

    controller.abort(new Error('enough'))

    await expect(call).rejects.toThrow('enough')
    expect(api.seen).toHaveLength(1)
  })

  test('an attempt that hangs is given up and tried again', async () => {
    const answers = [new Promise<never>(() => undefined), { pools: [] }]
    const { api, client } = await world({ listPools: () => answers.shift() ?? { pools: [] } })

    await client.listPools({}, { timeoutMilliseconds: 50 })

    expect(api.seen).toHaveLength(2)
  })

  test('fields that a newer service adds are no fault; a wrong type is', async () => {
    const answers: object[] = [{ pools: [], newer: true }, { pools: 'none' }]
    const api = await startApi({})
    opened.push(api)
    const fetched: typeof fetch = async () => Response.json(answers.shift())
    const client = createClient({ url: api.url, token: 't', fetch: fetched })

    const newer = await client.listPools()
    const wrong = client.listPools()

    expect(newer.pools).toEqual([])
    await expect(wrong).rejects.toBeInstanceOf(UnexpectedAnswerError)
  })

  test('an answer of a gateway without a problem has the code of its status', async () => {
    const fetched: typeof fetch = async () => Response.json({ message: 'Unauthorized' }, { status: 401 })
    const client = createClient({ url: 'http://service.test', token: 't', fetch: fetched })

    const refused = client.listPools()

    await expect(refused).rejects.toMatchObject({ code: 'unauthenticated', status: 401 })
  })

  test('an address may have a path; what is no address is refused', async () => {
    const asked: string[] = []
    const fetched: typeof fetch = async (input) => {
      asked.push(input as string)
      return Response.json({ pools: [] })
    }

    await createClient({ url: 'http://service.test/stage/', token: 't', fetch: fetched }).listPools()

    expect(asked).toEqual(['http://service.test/stage/v1/pools'])
    expect(() => createClient({ url: 'service.test', token: 't' })).toThrow(TypeError)
  })
})

async function until(met: () => boolean): Promise<void> {
  while (!met()) await new Promise((resolve) => setImmediate(resolve))
}
