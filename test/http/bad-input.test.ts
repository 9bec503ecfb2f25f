import { expect, test } from 'vitest'
import { routes } from '../../lib/contract/routes.ts'
import type { Route } from '../../lib/contract/routes.ts'
import { openGateway } from './support/gateway.ts'
import type { Gateway, Sent } from './support/gateway.ts'
import { activeLease, ask, freshKey } from './support/lease.ts'

const UNKNOWN = '01J8ZB2WJ3N3W5V6G7Q8R9S0T1'
const all = Object.entries<Route>(routes)
const targetOf = (route: Route, id = UNKNOWN) =>
  route.path.replace('{id}', id).replace('{number}', '1').replace('{name}', 'linux')
const BODIES: Readonly<Record<string, object>> = {
  createLease: { blueprint: 'linux' },
  runCommand: { argv: ['true'] },
  createBuild: { repository: 'example', steps: [{ script: 'true' }] },
  extendLease: { extendSeconds: 60, reason: 'late' },
  createLanding: { repository: 'example', branch: 'main', source: 'feature' },
  createToken: { tenant: 't' },
}
const bodyOf = (name: string): Sent => (BODIES[name] ? { body: BODIES[name] } : {})

test.each(all)('%s knows nobody without a token, nor with one that is not ours', async (_, route) => {
  const gateway = await openGateway()
  const lease = `drydock_lease_${UNKNOWN}_${'a'.repeat(43)}`

  const replies = await Promise.all(
    [undefined, 'garbage', lease, 'a.b.c'].map((token) =>
      gateway.send(route.method, targetOf(route), { token }),
    ),
  )

  for (const reply of replies) expect(reply).toMatchObject({ status: 401, body: { code: 'unauthenticated' } })
  expect(replies[0]?.headers['www-authenticate']).toBe('Bearer')
})

test.each(all.filter(([, route]) => route.body))(
  '%s refuses what is no JSON of its form',
  async (_, route) => {
    const gateway = await openGateway()
    const { id, token } = await activeLease(gateway)
    const bearer = route.permission === 'holder' ? token : gateway.operator
    const send = (sent: Sent) =>
      gateway.send(route.method, targetOf(route, id), {
        token: bearer,
        ...sent,
        headers: { ...freshKey(), ...sent.headers },
      })

    const cases: readonly Sent[] = [
      { body: '{"a":' },
      { body: '"text"' },
      { body: '[]' },
      { body: 'null' },
      { body: { unheardOf: 1 } },
      { body: '{}', headers: { 'content-type': 'text/plain' } },
      { body: `${'['.repeat(100_000)}${']'.repeat(100_000)}` },
      { body: '\u0000', base64: true },
    ]
    const replies = await Promise.all(cases.map(send))

    for (const reply of replies) expect(reply).toMatchObject({ status: 400, body: { code: 'malformed' } })
  },
)

test.each(all.filter(([, route]) => route.body))('%s refuses a body over what it takes', async (_, route) => {
  const gateway = await openGateway()
  const { id, token } = await activeLease(gateway)
  const bearer = route.permission === 'holder' ? token : gateway.operator

  const reply = await gateway.send(route.method, targetOf(route, id), {
    token: bearer,
    headers: freshKey(),
    body: JSON.stringify({ note: 'x'.repeat(route.mostBytes ?? 1_000_000) }),
  })

  expect(reply).toMatchObject({ status: 413, body: { code: 'too_large' } })
})

test.each(all.filter(([, route]) => !route.body))('%s takes no body', async (_, route) => {
  const gateway = await openGateway()

  const reply = await gateway.send(route.method, targetOf(route), { token: gateway.operator, body: {} })

  expect(reply).toMatchObject({ status: 400, body: { code: 'malformed' } })
})

test.each(all)('%s refuses a query that it does not know', async (_, route) => {
  const gateway = await openGateway()

  const reply = await gateway.send(route.method, `${targetOf(route)}?unheardOf=1`, {
    token: gateway.operator,
  })

  expect(reply).toMatchObject({ status: 400, body: { code: 'malformed' } })
})

// To operators no lease is somebody else's.
test.each(all.filter(([name, route]) => 'id' in route.parameters.shape && name !== 'extendLease'))(
  '%s says the same of an id that is not there and of one that is somebody else’s',
  async (name, route) => {
    const gateway = await openGateway()
    const { id } = await activeLease(gateway)
    const stranger = await gateway.issue(
      'umbrella',
      route.permission === 'operator' ? ['operator'] : ['lease'],
    )
    const sent = { token: stranger, headers: freshKey(), ...bodyOf(name) }

    const missing = await gateway.send(route.method, targetOf(route), sent)
    const foreign = await gateway.send(route.method, targetOf(route, id), sent)

    expect(missing).toMatchObject({ status: 404, body: { code: 'not_found' } })
    expect(foreign).toMatchObject({ status: 404, body: { code: 'not_found' } })
  },
)

test.each(all.filter(([, route]) => route.permission === 'holder'))(
  '%s takes the lease’s own token: another lease’s finds nothing, its owner’s may not',
  async (name, route) => {
    const gateway = await openGateway({ hosts: { alpha: 2 } })
    const mine = await activeLease(gateway)
    const other = await activeLease(gateway)
    const send = (token: string) =>
      gateway.send(route.method, targetOf(route, mine.id), { token, headers: freshKey(), ...bodyOf(name) })

    const foreign = await send(other.token)
    const owner = await send(gateway.ci)

    expect(foreign).toMatchObject({ status: 404, body: { code: 'not_found' } })
    expect(owner).toMatchObject({ status: 403, body: { code: 'not_authorized' } })
  },
)

test.each(all.filter(([, route]) => route.permission === 'operator'))(
  '%s is for operators only',
  async (_, route) => {
    const gateway = await openGateway()
    const { token } = await activeLease(gateway)

    const replies = await Promise.all(
      [gateway.ci, token].map((each) => gateway.send(route.method, targetOf(route), { token: each })),
    )

    for (const reply of replies)
      expect(reply).toMatchObject({ status: 403, body: { code: 'not_authorized' } })
  },
)

test.each(all.filter(([, route]) => route.idempotencyKey))(
  '%s takes an Idempotency-Key',
  async (name, route) => {
    const gateway = await openGateway()
    const { id, token } = await activeLease(gateway)
    const bearer = route.permission === 'holder' ? token : gateway.ci
    const send = (headers: Sent['headers'] = {}) =>
      gateway.send(route.method, targetOf(route, id), { token: bearer, ...bodyOf(name), headers })

    const missing = await send()
    const bad = await Promise.all(
      ['', 'é', 'a\tb', 'x'.repeat(256)].map((key) => send({ 'idempotency-key': key })),
    )

    expect(missing).toMatchObject({ status: 428, body: { code: 'key_required' } })
    expect(bad.map((reply) => reply.body['code'])).toEqual([
      'key_required',
      'malformed',
      'malformed',
      'malformed',
    ])
  },
)

test('a lease token asks for no lease', async () => {
  const gateway = await openGateway()
  const { token } = await activeLease(gateway)

  const reply = await ask(gateway, {}, { token })

  expect(reply).toMatchObject({ status: 403, body: { code: 'not_authorized' } })
})

test('a route that does not exist is a problem too', async () => {
  const gateway = await openGateway()

  const reply = await gateway.send('GET', '/v2/boats', { token: gateway.ci })

  expect(reply).toMatchObject({
    status: 404,
    body: { code: 'not_found', detail: 'There is no route GET /v2/boats.' },
  })
})

async function expire({ world }: Gateway): Promise<void> {
  await world.settle()
  await world.advance(700_000)
}

const untimely: readonly (readonly [string, (gateway: Gateway) => Promise<unknown>, string])[] = [
  ['that waits', async () => undefined, 'not_active'],
  ['that has expired', expire, 'lease_lost'],
]
test.each(untimely)('a lease %s runs nothing and is not renewed', async (_, later, code) => {
  const gateway = await openGateway()
  const { body } = await ask(gateway)
  await later(gateway)
  const [id, token] = [String(body['id']), String(body['token'])]

  const renewed = await gateway.send('POST', `/v1/leases/${id}/renew`, { token })
  const run = await gateway.send('POST', `/v1/leases/${id}/commands`, {
    token,
    body: { argv: ['true'] },
    headers: freshKey(),
  })

  expect(renewed).toMatchObject({ status: 409, body: { code, leaseId: id } })
  expect(run).toMatchObject({ status: 409, body: { code, leaseId: id } })
})

const commands: readonly (readonly [what: string, body: object, status: number, code: string])[] = [
  ['no program', { argv: [] }, 400, 'malformed'],
  ['a program without a name', { argv: [''] }, 422, 'bad_argument'],
  ['a NUL in an argument', { argv: ['a\u0000b'] }, 422, 'bad_argument'],
  ['an argument that Linux does not take', { argv: ['x'.repeat(131_072)] }, 422, 'bad_argument'],
  ['a variable with a bad name', { environment: { 'A-B': '1' } }, 422, 'bad_environment'],
  ['a secret with a bad name', { secretEnv: { '1': '1' } }, 422, 'bad_environment'],
  ['a NUL in a variable', { environment: { A: '\u0000' } }, 422, 'bad_environment'],
  ['a variable that is ours', { environment: { DRYDOCK_PROCESS: '1' } }, 422, 'bad_environment'],
  ['a secret that shells keep', { secretEnv: { UID: '1' } }, 422, 'bad_environment'],
  ['a variable given twice', { environment: { A: '1' }, secretEnv: { A: '1' } }, 422, 'bad_environment'],
  ['501 variables', { environment: variables(501) }, 422, 'too_many_variables'],
  ['250,001 bytes of text', { argv: ['a'.repeat(125_000), 'b'.repeat(125_001)] }, 413, 'too_large'],
  ['input of more than 1 MiB', { stdin: { text: 'x'.repeat(1_048_577) } }, 413, 'too_large'],
  ['input that is no base64', { stdin: { base64: '%' } }, 400, 'malformed'],
  ['a body of 4 MB', { stdin: { text: 'x'.repeat(4_000_000) } }, 413, 'too_large'],
  ['a directory outside', { directory: '../other' }, 422, 'bad_directory'],
  ['a directory from the root', { directory: '/etc' }, 422, 'bad_directory'],
  ['a timeout of 0', { timeoutSeconds: 0 }, 422, 'too_short'],
  ['a timeout that is no whole number', { timeoutSeconds: 1.5 }, 400, 'malformed'],
  ['a timeout longer than the lease can live', { timeoutSeconds: 14_401 }, 422, 'too_long'],
]
test.each(commands)(
  'a command with %s is refused, and nothing is left of it',
  async (_, given, status, code) => {
    const gateway = await openGateway()
    const { id, token } = await activeLease(gateway)
    const before = gateway.world.table.items()
    const body = { argv: ['true'], ...given }

    const reply = await gateway.send('POST', `/v1/leases/${id}/commands`, {
      token,
      body,
      headers: freshKey(),
    })

    expect(reply).toMatchObject({ status, body: { code } })
    expect(gateway.world.table.items()).toEqual(before)
    expect(gateway.world.hosts.calls.some(({ verb }) => verb === 'perform')).toBe(false)
  },
)

function variables(count: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, at) => [`A${at}`, '']))
}
