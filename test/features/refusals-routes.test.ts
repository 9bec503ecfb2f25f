import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { routes } from '../../lib/contract/routes.ts'
import type { Route, RouteName } from '../../lib/contract/routes.ts'
import { examples } from '../../lib/http/openapi/examples.ts'
import { openDoor, verdictOf, verdictsOf } from './support/door.ts'
import type { Door } from './support/door.ts'

const UNKNOWN = '01J8ZB2WJ3N3W5V6G7Q8R9S0T1'
const all = (Object.entries(routes) as [RouteName, Route][]).map(([name, route]) => ({ name, ...route }))
const withBody = all.filter(({ body }) => body)

let door: Door
beforeAll(async () => {
  door = await openDoor()
})
afterAll(() => door?.close())

/** Whatever is refused leaves the table as it was, item for item. */
let before: ReadonlyMap<string, unknown>
beforeEach(async () => {
  before = await door.table()
})
afterEach(async () => {
  expect(await door.table()).toEqual(before)
})

test.for(all)(
  '$name knows nobody without a token, nor with one that is garbage, expired or forged',
  async ({ name }) => {
    const forged = [`drydock_lease_${UNKNOWN}_${'a'.repeat(43)}`, `${door.mine.token.slice(0, -4)}AAAA`]
    const tokens = [undefined, 'garbage', 'a.b.c', door.expired, `${door.here.served.token}x`, ...forged]

    const replies = await Promise.all(tokens.map((token) => door.ask(name, { ...door.good(name), token })))

    expect(verdictsOf(replies)).toEqual(['401 unauthenticated'])
  },
)

test.for(all)('$name refuses a query that it does not know', async ({ name }) => {
  const reply = await door.ask(name, door.good(name), { query: '?unheardOf=1' })

  expect(verdictOf(reply)).toBe('400 malformed')
})

test.for(all.filter(({ permission }) => permission === 'operator'))(
  '$name is for operators only',
  async ({ name }) => {
    const tokens = [door.stranger, door.mine.token]

    const replies = await Promise.all(tokens.map((token) => door.ask(name, { ...door.good(name), token })))

    expect(verdictsOf(replies)).toEqual(['403 not_authorized'])
  },
)

// Who is no operator may not extend at all; the route's own refusal of that is tested above.
test.for(all.filter(({ name, path }) => path.startsWith('/v1/leases/') && name !== 'extendLease'))(
  '$name says the same of a lease that is not there and of somebody else’s',
  async ({ name }) => {
    const as = (token: string) => ({ ...door.good(name), token })

    const missing = await door.ask(name, as(door.here.served.token), { id: UNKNOWN })
    const foreign = await Promise.all(
      [door.stranger, door.other.token].map((token) => door.ask(name, as(token))),
    )
    const noId = await door.ask(name, door.good(name), { id: 'no-such-id' })

    expect(verdictsOf([missing, ...foreign])).toEqual(['404 not_found'])
    expect(verdictOf(noId)).toBe('400 malformed')
  },
)

test.for(withBody)('$name refuses a body that is no JSON of its form', async ({ name }) => {
  const deep = `${'['.repeat(1_000)}${']'.repeat(1_000)}`
  const bodies = ['{"a":', '"text"', '[]', 'null', { unheardOf: 1 }, deep]

  const replies = await Promise.all(bodies.map((body) => door.ask(name, { ...door.good(name), body })))

  expect(verdictsOf(replies)).toEqual(['400 malformed'])
})

test.for(withBody)('$name refuses a body of two megabytes', async ({ name }) => {
  const body = { note: 'x'.repeat(2_000_000) }

  const reply = await door.ask(name, { ...door.good(name), body })

  expect(verdictOf(reply)).toBe('413 too_large')
})

test.for(withBody)('$name refuses each of its fields when it is of another type', async ({ name }) => {
  const example = { ...examples[name] }
  const bodies = Object.keys(example).map((field) => ({ ...example, [field]: 0.5 }))

  const replies = await Promise.all(bodies.map((body) => door.ask(name, { ...door.good(name), body })))

  expect(replies).not.toEqual([])
  expect(verdictsOf(replies)).toEqual(['400 malformed'])
})

// A GET with a body is no request that a client can send.
test.for(all.filter(({ body, method }) => !body && method !== 'GET'))(
  '$name takes no body',
  async ({ name }) => {
    const reply = await door.ask(name, { ...door.good(name), body: {} })

    expect(verdictOf(reply)).toBe('400 malformed')
  },
)

test.for(all.filter(({ idempotencyKey }) => idempotencyKey))(
  '$name wants an Idempotency-Key of printable characters',
  async ({ name }) => {
    const keys = ['\u00e9', 'a\tb', 'x'.repeat(256)]

    const missing = await door.ask(name, { ...door.good(name), headers: {} })
    const odd = await Promise.all(
      keys.map((key) => door.ask(name, { ...door.good(name), headers: { 'idempotency-key': key } })),
    )

    expect(verdictOf(missing)).toBe('428 key_required')
    expect(verdictsOf(odd)).toEqual(['400 malformed'])
  },
)
