import { expect, test } from 'vitest'
import { violations } from '../support/invariants.ts'
import { openGateway } from './support/gateway.ts'
import { activeLease, addPools, ask } from './support/lease.ts'

test('who asks gets a lease, its token, its place and where to find it', async () => {
  const gateway = await openGateway()

  const created = await ask(gateway, { note: 'job 7', ttlSeconds: 120 })

  expect(created.body).toMatchObject({ status: 'acquired', ttlSeconds: 120, note: 'job 7', tenant: 'acme' })
  expect(created.body['token']).toMatch(/^drydock_lease_[0-9A-Z]{26}_[\w-]{43}$/)
  expect(created.headers).toMatchObject({
    location: `/v1/leases/${String(created.body['id'])}`,
    etag: `"${String(created.body['version'])}"`,
  })
})

test('who names only a type and pools gets the first blueprint that has them', async () => {
  const gateway = await openGateway()
  await addPools(gateway)
  const asked = { blueprint: undefined, type: 'working-copy', repository: 'example', pools: ['mac'] }

  const { body } = await ask(gateway, asked)

  expect(body).toMatchObject({ blueprint: 'anywhere', type: 'working-copy', pools: ['mac'] })
})

test('who names pools waits in the queues of these only', async () => {
  const gateway = await openGateway()
  await addPools(gateway)

  const both = await ask(gateway, { blueprint: 'anywhere', repository: 'example' })
  const one = await ask(gateway, { blueprint: 'anywhere', repository: 'example', pools: ['linux'] })

  expect(both.body['pools']).toEqual(['linux', 'mac'])
  expect(one.body['pools']).toEqual(['linux'])
})

test('the same key gives the same lease with the same token', async () => {
  const gateway = await openGateway()
  const headers = { 'idempotency-key': 'job-7' }

  const first = await ask(gateway, { priority: 1 }, { headers })
  const again = await ask(gateway, { priority: 1 }, { headers })

  expect([again.body['id'], again.body['token']]).toEqual([first.body['id'], first.body['token']])
})

test('two spellings of one request are one request', async () => {
  const gateway = await openGateway()
  const headers = { 'idempotency-key': 'job-7' }

  const first = await ask(gateway, {}, { headers, body: '{"blueprint":"linux","note":"n"}' })
  const again = await ask(
    gateway,
    {},
    { headers, body: '{ "note": "n", "priority": 0, "blueprint": "linux" }' },
  )

  expect(again.body['id']).toBe(first.body['id'])
})

test('a key that came with another request is refused, and says which lease it made', async () => {
  const gateway = await openGateway()
  const headers = { 'idempotency-key': 'job-7' }
  const first = await ask(gateway, {}, { headers })

  const other = await ask(gateway, { priority: 2 }, { headers })

  expect(other).toMatchObject({ status: 422, body: { code: 'key_reused', leaseId: first.body['id'] } })
})

test('an active lease is read, renewed and given back by its token; giving back twice answers the same', async () => {
  const gateway = await openGateway()
  const { id, token } = await activeLease(gateway)

  const active = await gateway.send('GET', `/v1/leases/${id}`, { token })
  await gateway.world.advance(60_000)
  const renewed = await gateway.send('POST', `/v1/leases/${id}/renew`, { token, body: { ttlSeconds: 600 } })
  const released = await gateway.send('DELETE', `/v1/leases/${id}`, { token })
  await gateway.world.settle()
  const again = await gateway.send('DELETE', `/v1/leases/${id}`, { token, body: { outcome: 'failed' } })

  expect(active.body).toMatchObject({ status: 'active', slot: { host: 'alpha', number: 0 } })
  expect(Date.parse(String(renewed.body['expiresAt']))).toBe(
    Date.parse(String(active.body['expiresAt'])) + 60_000,
  )
  expect(released.body).toMatchObject({ status: 'released', reason: 'released' })
  expect(again.body).toMatchObject({ status: 'destroyed', reason: 'released' })
  expect(violations(gateway.world.table.items())).toEqual([])
})

test('a waiting lease says its place and the reason; a read waits for it as long as it is told', async () => {
  const gateway = await openGateway()
  await activeLease(gateway)
  const before = gateway.ports.clock.now()

  const waiting = await ask(gateway)
  const { body } = await gateway.send('GET', `/v1/leases/${String(waiting.body['id'])}?wait=20`, {
    token: gateway.ci,
  })

  expect(body).toMatchObject({ status: 'pending', waiting: { position: 1, pool: 'linux' } })
  expect(gateway.ports.clock.now() - before).toBe(20_000)
})

test('asking with wait answers once the lease has left its queue or the time is up', async () => {
  const gateway = await openGateway()
  const before = gateway.ports.clock.now()

  const created = await gateway.send('POST', '/v1/leases?wait=3', {
    token: gateway.ci,
    body: { blueprint: 'linux' },
    headers: { 'idempotency-key': 'k' },
  })

  expect(created).toMatchObject({ status: 201, body: { status: 'acquired' } })
  expect(gateway.ports.clock.now() - before).toBe(3_000)
})

test('a tenant lists its own leases; operators list every tenant’s, page by page', async () => {
  const gateway = await openGateway()
  const other = await gateway.issue('umbrella', ['lease'])
  const mine = await ask(gateway)
  const theirs = await ask(gateway, {}, { token: other })
  const ids = (reply: { readonly body: Readonly<Record<string, unknown>> }) =>
    (reply.body['leases'] as readonly { readonly id: string }[]).map((lease) => lease.id)

  const own = await gateway.send('GET', '/v1/leases', { token: gateway.ci })
  const first = await gateway.send('GET', '/v1/leases?limit=1', { token: gateway.operator })
  const cursor = String(first.body['cursor'])
  const second = await gateway.send('GET', `/v1/leases?limit=1&cursor=${cursor}`, { token: gateway.operator })
  const filtered = await gateway.send('GET', '/v1/leases?tenant=umbrella&status=pending&blueprint=linux', {
    token: gateway.operator,
  })

  expect(ids(own)).toEqual([mine.body['id']])
  expect([...ids(first), ...ids(second)]).toEqual([theirs.body['id'], mine.body['id']])
  expect(ids(filtered)).toEqual([theirs.body['id']])
})

test('the timeline tells every transition in order', async () => {
  const gateway = await openGateway()
  const { id, token } = await activeLease(gateway)

  const { body } = await gateway.send('GET', `/v1/leases/${id}/events`, { token })

  const events = body['events'] as readonly { readonly type: string; readonly version: number }[]
  expect(events.map((event) => event.type)).toEqual(['created', 'acquired', 'activated'])
  expect(events.map((event) => event.version)).toEqual([1, 2, 3])
})

test('no answer about a lease holds what authenticates, but the first one to its creator', async () => {
  const gateway = await openGateway()
  const { id, token } = await activeLease(gateway)
  const stored = gateway.world.table.items().find((item) => item.PK === `L#${id}` && item.SK === 'META')

  const answers = await Promise.all(
    [`/v1/leases/${id}`, `/v1/leases/${id}/events`, '/v1/leases'].map((target) =>
      gateway.send('GET', target, { token: gateway.operator }),
    ),
  )

  const text = JSON.stringify(answers)
  expect(text).not.toContain(token)
  for (const secret of ['tokenHash', 'tokenSalt', 'taskToken'] as const) {
    expect(text).not.toContain(secret)
    expect(text).not.toContain(JSON.stringify(stored?.[secret]))
  }
})
