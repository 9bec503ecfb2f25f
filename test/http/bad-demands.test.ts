import { expect, test } from 'vitest'
import { openGateway } from './support/gateway.ts'
import { addPools, ask, freshKey } from './support/lease.ts'

const checkout = { blueprint: 'checkout', repository: 'example' }
const nobody = { blueprint: undefined }
const refusals: readonly (readonly [string, object, number, string])[] = [
  ['a blueprint that is not there', { blueprint: 'linus' }, 422, 'unknown_blueprint'],
  ['a repository that is not registered', { ...checkout, repository: 'exampel' }, 422, 'unknown_repository'],
  ['a repository on a host', { repository: 'example' }, 422, 'impossible'],
  ['a working copy of nothing', { blueprint: 'checkout' }, 422, 'impossible'],
  ['neither a blueprint nor a type', nobody, 400, 'malformed'],
  ['a type that is none', { ...nobody, type: 'boat' }, 422, 'unknown_type'],
  ['a blueprint with a type that is none', { type: 'boat' }, 422, 'unknown_type'],
  ['a blueprint with a type that it is not of', { type: 'working-copy' }, 422, 'impossible'],
  ['a working copy by its type, of nothing', { ...nobody, type: 'working-copy' }, 422, 'impossible'],
  ['a pool that is not there', { pools: ['linux', 'lunix'] }, 422, 'unknown_pool'],
  ['a pool that is not there, by type', { ...nobody, type: 'host', pools: ['lunix'] }, 422, 'unknown_pool'],
  ['a pool that the blueprint has not', { pools: ['mac'] }, 422, 'impossible'],
  ['pools that no blueprint has', { ...nobody, type: 'host', pools: ['linux', 'mac'] }, 422, 'impossible'],
  ['a pool without a host', { blueprint: 'bare' }, 422, 'impossible'],
  ['five pools', { pools: ['linux', 'mac', 'bare', 'd', 'e'] }, 422, 'too_many_pools'],
  [
    'five pools, by type',
    { ...nobody, type: 'host', pools: ['linux', 'mac', 'bare', 'd', 'e'] },
    422,
    'too_many_pools',
  ],
  ['no pools at all', { pools: [] }, 400, 'malformed'],
  ['a pool whose name is none', { pools: ['#'] }, 400, 'malformed'],
  ['a blueprint whose name is a number', { blueprint: 7 }, 400, 'malformed'],
  ['a name that climbs', { blueprint: '../linux' }, 400, 'malformed'],
  ['a ref that is an option', { ...checkout, commit: '--upload-pack=x' }, 400, 'malformed'],
  ['a ref with a control character', { ...checkout, commit: 'main\u0007' }, 400, 'malformed'],
  ['a ttl of a second', { ttlSeconds: 1 }, 422, 'too_short'],
  ['a negative ttl', { ttlSeconds: -600 }, 422, 'too_short'],
  ['a ttl above the maximum', { ttlSeconds: 3_601 }, 422, 'too_long'],
  ['a ttl above what the blueprint allows', { blueprint: 'mac', ttlSeconds: 121 }, 422, 'too_long'],
  ['a ttl beyond all numbers', { ttlSeconds: 1e300 }, 400, 'malformed'],
  ['a wait of nothing', { waitSeconds: 0 }, 422, 'too_short'],
  ['a negative wait', { waitSeconds: -1 }, 422, 'too_short'],
  ['half a second of wait', { waitSeconds: 0.5 }, 400, 'malformed'],
  ['a wait above the maximum', { waitSeconds: 86_401 }, 422, 'too_long'],
  ['a hold of nothing', { maxHoldSeconds: 0 }, 422, 'too_short'],
  ['a hold above the maximum', { maxHoldSeconds: 86_401 }, 422, 'too_long'],
  ['a ttl that is no number', { ttlSeconds: '600' }, 400, 'malformed'],
  ['a priority above all', { priority: 11 }, 422, 'unknown_priority'],
  ['a priority below all', { priority: -11 }, 422, 'unknown_priority'],
  ['a priority in words', { priority: 'high' }, 400, 'malformed'],
]
test.each(refusals)('asking for %s is refused and leaves nothing behind', async (_, more, status, code) => {
  const gateway = await openGateway()
  await addPools(gateway)
  const before = gateway.world.table.items()

  const reply = await ask(gateway, more)

  expect(reply).toMatchObject({ status, body: { code } })
  expect(gateway.world.table.items()).toEqual(before)
})

test('a refusal names the nearest that there is, and the fields at fault', async () => {
  const gateway = await openGateway()

  const unknown = await ask(gateway, { blueprint: 'linus' })
  const malformed = await ask(gateway, { priority: 'high', unheardOf: true })

  expect(unknown.body['hints']).toMatchObject({ nearest: expect.arrayContaining(['linux']) })
  expect(malformed.body['hints']).toEqual({ fields: ['body.priority', 'body'] })
})

test('a tenant over its quota is told when to come back', async () => {
  const gateway = await openGateway({ tenants: { acme: { name: 'acme', leases: 1 } } })
  await ask(gateway)

  const reply = await ask(gateway)

  expect(reply).toMatchObject({ status: 429, body: { code: 'quota_exceeded' } })
  expect(Number(reply.headers['retry-after'])).toBeGreaterThan(0)
})

test('the same key with another body is refused and leaves nothing behind', async () => {
  const gateway = await openGateway()
  const headers = freshKey()
  await ask(gateway, {}, { headers })
  const before = gateway.world.table.items()

  const reply = await ask(gateway, { ttlSeconds: 60 }, { headers })

  expect(reply).toMatchObject({ status: 422, body: { code: 'key_reused' } })
  expect(gateway.world.table.items()).toEqual(before)
})

test.each(['x', '../../etc', '%00', '', 'L%23~', '01j8zb2wj3n3w5v6g7q8r9s0t1', 'a'.repeat(501)])(
  'a cursor made up by hand (%s) is refused',
  async (cursor) => {
    const gateway = await openGateway()

    const reply = await gateway.send('GET', `/v1/leases?cursor=${cursor}`, { token: gateway.ci })

    expect(reply).toMatchObject({ status: 400, body: { code: 'bad_cursor' } })
  },
)
