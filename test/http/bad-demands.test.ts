import { expect, test } from 'vitest'
import { badDemands } from '../support/bad-demands.ts'
import { openGateway } from './support/gateway.ts'
import { addPools, ask, freshKey } from './support/lease.ts'

test.each(badDemands)('asking $what is refused with $code and leaves nothing behind', async (bad) => {
  const gateway = await openGateway()
  await addPools(gateway)
  const before = gateway.world.table.items()

  const reply = await ask(gateway, {}, { body: bad.body })

  expect(reply).toMatchObject({ status: bad.status, body: { code: bad.code } })
  expect(gateway.world.table.items()).toEqual(before)
})

test('a ttl above what the blueprint allows is refused with what it allows', async () => {
  const gateway = await openGateway()
  await addPools(gateway)

  const reply = await ask(gateway, { blueprint: 'mac', ttlSeconds: 121 })

  expect(reply).toMatchObject({ status: 422, body: { code: 'too_long', hints: { ttlSeconds: 120 } } })
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
