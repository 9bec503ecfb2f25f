import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { waitForActive } from '../../lib/client/wait.ts'
import { badDemands } from '../support/bad-demands.ts'
import { openDoor, verdictOf, verdictsOf } from './support/door.ts'
import type { Door } from './support/door.ts'
import { send } from './support/http.ts'
import { release } from './support/lease.ts'
import type { Held } from './support/lease.ts'
import { POOL } from './support/installation.ts'

/** Came with a request before. */
const KEY = 'job-7'

let door: Door
let keyed: Pick<Held, 'id' | 'token'>
beforeAll(async () => {
  door = await openDoor()
  const { client } = door.here
  keyed = await client.createLease({ body: { blueprint: POOL } }, { idempotencyKey: KEY })
  await waitForActive(client, keyed.id)
})
afterAll(async () => {
  if (keyed) await release(door.here.client, keyed)
  await door?.close()
})

/** Whatever is refused leaves the table as it was, item for item. */
let before: ReadonlyMap<string, unknown>
beforeEach(async () => {
  before = await door.table()
})
afterEach(async () => {
  expect(await door.table()).toEqual(before)
})

describe('asking for a lease', () => {
  test.for(badDemands)('$what is refused with $code', async ({ body, status, code }) => {
    const reply = await door.ask('createLease', { ...door.good('createLease'), body })

    expect(verdictOf(reply)).toBe(`${status} ${code}`)
  })

  test('a refusal names the nearest that there is, and the fields at fault', async () => {
    const unknown = await door.ask('createLease', {
      ...door.good('createLease'),
      body: { blueprint: 'linus' },
    })
    const wrong = await door.ask('createLease', {
      ...door.good('createLease'),
      body: { blueprint: POOL, priority: 'high' },
    })

    expect(unknown.body['hints']).toEqual({ nearest: expect.arrayContaining([POOL]) })
    expect(wrong.body['hints']).toEqual({ fields: ['body.priority'] })
  })

  test('with the key of another request is refused, and says which lease it made', async () => {
    const sent = { ...door.good('createLease'), headers: { 'idempotency-key': KEY } }

    const other = await door.ask('createLease', { ...sent, body: { blueprint: POOL, ttlSeconds: 60 } })

    expect(verdictOf(other)).toBe('422 key_reused')
    expect(other.body['leaseId']).toBe(keyed.id)
  })

  test('with the token of a lease is not authorized', async () => {
    const reply = await door.ask('createLease', { ...door.good('createLease'), token: door.mine.token })

    expect(verdictOf(reply)).toBe('403 not_authorized')
  })
})

describe('everything else', () => {
  test('a lease is used with its own token only: its owner may look', async () => {
    const replies = await Promise.all(
      (['renewLease', 'runCommand', 'cancelCommand'] as const).map((name) =>
        door.ask(name, { ...door.good(name), token: door.here.served.token }),
      ),
    )

    expect(verdictsOf(replies)).toEqual(['403 not_authorized'])
  })

  test('a renewal beyond what was granted', async () => {
    const reply = await door.ask('renewLease', { ...door.good('renewLease'), body: { ttlSeconds: 3_600 } })

    expect(verdictOf(reply)).toBe('409 past_maximum')
  })

  test('a command that is not there', async () => {
    const replies = await Promise.all(
      (['getCommand', 'commandOutput', 'cancelCommand'] as const).map((name) =>
        door.ask(name, door.good(name)),
      ),
    )

    expect(verdictsOf(replies)).toEqual(['404 not_found'])
  })

  test.for([
    { what: 'no program', body: { argv: [] }, says: '400 malformed' },
    { what: 'a NUL in an argument', body: { argv: ['a\u0000b'] }, says: '422 bad_argument' },
    {
      what: 'a variable with a bad name',
      body: { argv: ['true'], environment: { 'A-B': '1' } },
      says: '422 bad_environment',
    },
    {
      what: 'a directory outside',
      body: { argv: ['true'], directory: '../other' },
      says: '422 bad_directory',
    },
    {
      what: 'a directory from the root',
      body: { argv: ['true'], directory: '/etc' },
      says: '422 bad_directory',
    },
  ])('a command with $what', async ({ body, says }) => {
    const reply = await door.ask('runCommand', { ...door.good('runCommand'), body })

    expect(verdictOf(reply)).toBe(says)
  })

  test.for(['x', '../../etc', 'a'.repeat(501), '%00', '', 'L%23~'])(
    'a cursor made by hand (%s)',
    async (cursor) => {
      const reply = await door.ask('listLeases', door.good('listLeases'), { query: `?cursor=${cursor}` })

      expect(verdictOf(reply)).toBe('400 bad_cursor')
    },
  )

  test('a list of another tenant’s leases', async () => {
    const sent = { ...door.good('listLeases'), token: door.stranger }

    const reply = await door.ask('listLeases', sent, { query: '?tenant=local' })

    expect(verdictOf(reply)).toBe('403 not_authorized')
  })

  test('a pool that is not there', async () => {
    const reply = await send(door.here.served.url, 'GET', '/v1/pools/linus', {
      token: door.here.served.token,
    })

    expect(verdictOf(reply)).toBe('404 not_found')
  })

  test('a token that is not there', async () => {
    const reply = await send(door.here.served.url, 'DELETE', `/v1/tokens/01J8ZB2WJ3N3W5V6G7Q8R9S0T1`, {
      token: door.here.served.token,
    })

    expect(verdictOf(reply)).toBe('404 not_found')
  })

  test.for([
    { path: '/v1/hosts/gamma/drain', body: { reason: 'r' }, verdict: '404 not_found' },
    { path: '/v1/hosts/gamma/return', body: undefined, verdict: '404 not_found' },
    { path: '/v1/hosts/gamma/lost', body: { reason: 'r' }, verdict: '404 not_found' },
    { path: '/v1/hosts/alpha/drain', body: {}, verdict: '400 malformed' },
    { path: '/v1/hosts/alpha/lost', body: undefined, verdict: '400 malformed' },
    {
      path: '/v1/hosts/alpha/drain',
      body: { reason: 'r', until: '2026-01-01T00:00:00Z' },
      verdict: '422 too_short',
    },
    { path: '/v1/blueprints/linus/disable', body: {}, verdict: '404 not_found' },
    { path: '/v1/blueprints/linus/enable', body: undefined, verdict: '404 not_found' },
  ])('POST $path with $body is $verdict', async ({ path, body, verdict }) => {
    const { url, token } = door.here.served

    const reply = await send(url, 'POST', path, { token, body })

    expect(verdictOf(reply)).toBe(verdict)
  })

  test('a document that leaves out what exists, or that does not fit together', async () => {
    const config = await door.here.client.getConfig()
    const put = async (body: object) => door.ask('applyConfig', { ...door.good('applyConfig'), body })

    const less = await put({ ...config, repositories: {} })
    const loose = await put({
      ...config,
      blueprints: { ...config.blueprints, lost: { type: 'working-copy', pools: ['nowhere'] } },
    })

    expect(verdictOf(less)).toBe('409 not_removed')
    expect(verdictOf(loose)).toBe('422 unknown_pool')
  })

  test.for([
    { method: 'GET', path: '/v2/boats' },
    { method: 'GET', path: '/' },
    { method: 'PATCH', path: '/v1/leases' },
    { method: 'GET', path: '/v1/leases/..%2f..%2fconfig' },
  ])('$method $path is no route of ours', async ({ method, path }) => {
    const reply = await send(door.here.served.url, method, path, { token: door.here.served.token })

    expect(['404 not_found', '400 malformed']).toContain(verdictOf(reply))
  })
})
