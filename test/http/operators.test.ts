import { expect, test } from 'vitest'
import { examples } from '../../lib/http/openapi/examples.ts'
import { openGateway } from './support/gateway.ts'
import { activeLease } from './support/lease.ts'

test('pools show supply, holders and demand', async () => {
  const gateway = await openGateway({ hosts: { alpha: 2 } })
  const { id } = await activeLease(gateway)

  const all = await gateway.send('GET', '/v1/pools', { token: gateway.operator })
  const one = await gateway.send('GET', '/v1/pools/linux', { token: gateway.operator })

  expect(one.body).toMatchObject({
    name: 'linux',
    waiting: 0,
    slots: { total: 2, free: 1, held: 1, dirty: 0, withheld: 0, broken: 0 },
  })
  expect(JSON.stringify(one.body)).toContain(id)
  expect(all.body['pools']).toEqual([one.body])
})

test('what was applied is read back as it was written, defaults filled in', async () => {
  const gateway = await openGateway()
  const sent = { token: gateway.operator, body: examples.applyConfig }

  const plan = await gateway.send('PUT', '/v1/config?dryRun=true&remove=true', sent)
  const applied = await gateway.send('PUT', '/v1/config?remove=true', sent)
  const again = await gateway.send('PUT', '/v1/config', sent)
  const read = await gateway.send('GET', '/v1/config', { token: gateway.operator })

  expect(plan.body).toMatchObject({ applied: false, changes: applied.body['changes'] })
  expect(again.body).toEqual({ applied: true, changes: [] })
  expect(read.body).toMatchObject(examples.applyConfig ?? {})
})

test('limits of a blueprint are read back as they were written, durations in seconds', async () => {
  const gateway = await openGateway()
  const limits = {
    ttlSeconds: 120,
    maxHoldSeconds: 300,
    waitSeconds: 60,
    activationSeconds: 30,
    holdSeconds: 60,
    yields: 7,
  }
  const allow = ['*', { tenant: 'forks', trust: 'untrusted' }]
  const body = { blueprints: { linux: { type: 'host', allow, isolation: 'cgroup', limits } } }

  await gateway.send('PUT', '/v1/config?remove=true', { token: gateway.operator, body })
  const read = await gateway.send('GET', '/v1/config', { token: gateway.operator })

  expect(read.body['blueprints']).toEqual(body.blueprints)
})

test.each([0, 10_001, 1.5])('%d times "not yet" are no limit', async (yields) => {
  const gateway = await openGateway()
  const body = { blueprints: { linux: { type: 'host', limits: { yields } } } }

  const reply = await gateway.send('PUT', '/v1/config?remove=true', { token: gateway.operator, body })

  expect(reply).toMatchObject({ status: 400, body: { code: 'malformed' } })
})

test('a document that leaves things out removes nothing unless it is told to', async () => {
  const gateway = await openGateway()

  const refused = await gateway.send('PUT', '/v1/config', { token: gateway.operator, body: {} })

  expect(refused).toMatchObject({ status: 409, body: { code: 'not_removed' } })
})

test('a token is issued, opens what it may, is listed without its secret, and opens nothing once revoked', async () => {
  const gateway = await openGateway()
  const { operator } = gateway

  const created = await gateway.send('POST', '/v1/tokens', { token: operator, body: { tenant: 'new' } })
  const token = String(created.body['token'])
  const used = await gateway.send('GET', '/v1/leases', { token })
  const listed = await gateway.send('GET', '/v1/tokens', { token: operator })
  const revoked = await gateway.send('DELETE', `/v1/tokens/${String(created.body['id'])}`, {
    token: operator,
  })
  const late = await gateway.send('GET', '/v1/leases', { token })

  expect(used.status).toBe(200)
  expect(JSON.stringify(listed.body)).toContain(created.body['id'])
  expect(JSON.stringify([listed, revoked])).not.toContain(token)
  expect(late).toMatchObject({ status: 401, body: { code: 'unauthenticated' } })
})
