import { expect, test } from 'vitest'
import { openGateway } from './support/gateway.ts'
import type { Gateway } from './support/gateway.ts'
import { activeLease, ask } from './support/lease.ts'

const change = (gateway: Gateway, what: string, body?: object) =>
  gateway.send('POST', `/v1/${what}`, { token: gateway.operator, ...(body ? { body } : {}) })

const lease = (gateway: Gateway, id: unknown) =>
  gateway.send('GET', `/v1/leases/${String(id)}`, { token: gateway.operator })

const iso = (milliseconds: number) => new Date(milliseconds).toISOString()

/** Who the operator's token stands for. */
const operatorOf = ({ operator }: Gateway) => `api-token/${operator.split('_')[2]}`

test('a host that is drained gives no leases and says why, by whom and until when', async () => {
  const gateway = await openGateway()
  const held = await activeLease(gateway)
  const now = gateway.ports.clock.now()
  const until = iso(now + 3_600_000)

  const drained = await change(gateway, 'hosts/alpha/drain', { reason: 'new kernel', until })
  const waiting = await ask(gateway)
  const pool = await gateway.send('GET', '/v1/pools/linux', { token: gateway.operator })

  expect(drained.body).toMatchObject({
    name: 'alpha',
    state: 'draining',
    reason: 'new kernel',
    changed: { by: operatorOf(gateway), at: iso(now), untilAt: until },
    slots: [{ number: 0, state: 'held', lease: held.id }],
  })
  expect(pool.body['hosts']).toEqual([drained.body])
  expect(waiting.body).toMatchObject({ status: 'pending' })
})

test('what a draining host holds goes on; its slot waits for the return, and then goes to the next', async () => {
  const gateway = await openGateway()
  const held = await activeLease(gateway)
  await change(gateway, 'hosts/alpha/drain', { reason: 'new kernel' })
  const waiting = await ask(gateway)
  const during = await lease(gateway, held.id)
  await gateway.send('DELETE', `/v1/leases/${held.id}`, { token: held.token })
  await gateway.world.settle()

  const before = await lease(gateway, waiting.body['id'])
  const returned = await change(gateway, 'hosts/alpha/return')
  await gateway.world.settle()
  const after = await lease(gateway, waiting.body['id'])

  expect([during.body['status'], before.body['status']]).toEqual(['active', 'pending'])
  expect(returned.body).toMatchObject({ state: 'active', changed: { by: operatorOf(gateway) } })
  expect(returned.body).not.toHaveProperty('reason')
  expect(after.body['status']).toBe('active')
})

test('the leases of a host that is lost learn it at once; one that was not active waits again at its place', async () => {
  const gateway = await openGateway({ hosts: { alpha: 2 } })
  const active = await activeLease(gateway)
  const acquired = await ask(gateway)

  const lost = await change(gateway, 'hosts/alpha/lost', { reason: 'its disk is broken' })

  expect(lost.body).toMatchObject({ state: 'disabled', reason: 'its disk is broken' })
  expect((await lease(gateway, active.id)).body).toMatchObject({ status: 'broken', reason: 'host_lost' })
  expect((await lease(gateway, acquired.body['id'])).body).toMatchObject({
    status: 'pending',
    failures: [{ host: 'alpha', code: 'host_lost', detail: 'its disk is broken' }],
  })
})

test.each(['drain', 'return', 'lost'])('%s of a host that is not there finds nothing', async (what) => {
  const gateway = await openGateway()

  const reply = await change(gateway, `hosts/beta/${what}`, what === 'return' ? undefined : { reason: 'r' })

  expect(reply).toMatchObject({ status: 404, body: { code: 'not_found' } })
})

test.each([
  ['is over', -1_000],
  ['is now', 0],
])('a drain until a time that %s changes nothing', async (_, offset) => {
  const gateway = await openGateway()
  const before = gateway.world.table.items()
  const until = iso(gateway.ports.clock.now() + offset)

  const reply = await change(gateway, 'hosts/alpha/drain', { reason: 'new kernel', until })

  expect(reply).toMatchObject({ status: 422, body: { code: 'too_short', hints: { fields: ['body.until'] } } })
  expect(gateway.world.table.items()).toEqual(before)
})

test.each([
  ['drain', {}],
  ['drain', { reason: '' }],
  ['drain', { reason: 'r', until: 'tomorrow' }],
  ['drain', { reason: 'r', until: '2099-01-01T00:00:00+02:00' }],
  ['lost', {}],
  ['lost', { reason: 'x'.repeat(501) }],
])('%s with %j is malformed and changes nothing', async (what, body) => {
  const gateway = await openGateway()
  const before = gateway.world.table.items()

  const reply = await change(gateway, `hosts/alpha/${what}`, body)

  expect(reply).toMatchObject({ status: 400, body: { code: 'malformed' } })
  expect(gateway.world.table.items()).toEqual(before)
})

test('a disabled blueprint says by whom, when and why; said twice, the first reason stands', async () => {
  const gateway = await openGateway()
  const now = gateway.ports.clock.now()

  const first = await change(gateway, 'blueprints/linux/disable', { reason: 'compiler' })
  await gateway.world.advance(1_000)
  const again = await change(gateway, 'blueprints/linux/disable')

  const disabled = { by: operatorOf(gateway), at: iso(now), reason: 'compiler' }
  expect(first.body).toEqual({ name: 'linux', enabled: false, disabled })
  expect(again.body).toEqual(first.body)
})

test('leases of a disabled blueprint keep their places and are served once it is enabled', async () => {
  const gateway = await openGateway()
  await change(gateway, 'blueprints/linux/disable')
  const waiting = await ask(gateway)
  await gateway.world.settle()

  const explained = await gateway.send('GET', `/v1/leases/${String(waiting.body['id'])}/explain`, {
    token: gateway.ci,
  })
  const enabled = await change(gateway, 'blueprints/linux/enable')
  const again = await change(gateway, 'blueprints/linux/enable')
  await gateway.world.settle()

  expect(explained.body).toMatchObject({ pools: [{ rank: 1, blocked: 'blueprint_disabled' }] })
  expect(enabled.body).toEqual({ name: 'linux', enabled: true })
  expect(again.body).toEqual(enabled.body)
  expect((await lease(gateway, waiting.body['id'])).body['status']).toBe('active')
})

test.each(['disable', 'enable'])('%s of a blueprint that is not there names the nearest', async (what) => {
  const gateway = await openGateway()

  const reply = await change(gateway, `blueprints/linus/${what}`)

  expect(reply).toMatchObject({
    status: 404,
    body: { code: 'not_found', hints: { nearest: expect.arrayContaining(['linux']) } },
  })
})
