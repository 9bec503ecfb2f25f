import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openDoor, verdictOf, verdictsOf } from './support/door.ts'
import type { Door } from './support/door.ts'
import { send } from './support/http.ts'
import { POOL, REPOSITORY, WORKING_COPIES } from './support/installation.ts'
import { wholeTable } from './support/table.ts'

let door: Door
beforeAll(async () => {
  door = await openDoor()
})
afterAll(() => door?.close())

/** Whatever is refused leaves the table as it was, item for item. */
let before: ReadonlyMap<string, unknown>
beforeEach(async () => {
  before = await wholeTable(door.here.served)
})
afterEach(async () => {
  expect(await wholeTable(door.here.served)).toEqual(before)
})

describe('asking for a lease', () => {
  const checkout = { blueprint: WORKING_COPIES, repository: REPOSITORY }
  test.for([
    { what: 'of an unknown blueprint', body: { blueprint: 'linus' }, status: 422, code: 'unknown_blueprint' },
    {
      what: 'of a repository that nobody registered',
      body: { ...checkout, repository: 'exampel' },
      status: 422,
      code: 'unknown_repository',
    },
    {
      what: 'of a URL',
      body: { ...checkout, repository: 'https://example.com/x.git' },
      status: 400,
      code: 'malformed',
    },
    {
      what: 'of a repository on a bare host',
      body: { ...checkout, blueprint: POOL },
      status: 422,
      code: 'impossible',
    },
    {
      what: 'at an option',
      body: { ...checkout, commit: '--upload-pack=x' },
      status: 400,
      code: 'malformed',
    },
    {
      what: 'at a control character',
      body: { ...checkout, commit: 'main\u0007' },
      status: 400,
      code: 'malformed',
    },
    { what: 'at a line end', body: { ...checkout, commit: 'main\n' }, status: 400, code: 'malformed' },
    {
      what: 'for longer than anybody may',
      body: { blueprint: POOL, ttlSeconds: 3_601 },
      status: 400,
      code: 'malformed',
    },
    { what: 'for no time', body: { blueprint: POOL, ttlSeconds: 0 }, status: 400, code: 'malformed' },
    {
      what: 'with a priority of its own',
      body: { blueprint: POOL, priority: 11 },
      status: 400,
      code: 'malformed',
    },
  ])('$what is refused with $code', async ({ body, status, code }) => {
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
    { what: 'no program', body: { argv: [] } },
    { what: 'a NUL in an argument', body: { argv: ['a\u0000b'] } },
    { what: 'a variable with a bad name', body: { argv: ['true'], environment: { 'A-B': '1' } } },
    { what: 'a directory outside', body: { argv: ['true'], directory: '../other' } },
    { what: 'a directory from the root', body: { argv: ['true'], directory: '/etc' } },
  ])('a command with $what', async ({ body }) => {
    const reply = await door.ask('runCommand', { ...door.good('runCommand'), body })

    expect(verdictOf(reply)).toBe('400 malformed')
  })

  test.for(['x', '../../etc', 'a'.repeat(501), '%00'])('a cursor made by hand (%s)', async (cursor) => {
    const reply = await door.ask('listLeases', door.good('listLeases'), { query: `?cursor=${cursor}` })

    expect(verdictOf(reply)).toBe('400 malformed')
  })

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
