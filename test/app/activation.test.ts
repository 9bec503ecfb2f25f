import { expect, test } from 'vitest'
import type { HostAnswer } from '../../lib/app/ports/hosts.ts'
import { releaseLease } from '../../lib/app/leases/release-lease.ts'
import { violations } from '../support/invariants.ts'
import { holder, openWorld } from '../support/world.ts'

const failed = (fault: 'request' | 'remote' | 'host'): HostAnswer<never> => ({
  kind: 'failed',
  fault,
  code: fault === 'request' ? 'unknown_commit' : fault === 'remote' ? 'fetch_failed' : 'unreachable',
  detail: `the ${fault} did it`,
})

test('a commit that does not exist breaks the lease at once, and the host is blameless', async () => {
  const world = await openWorld()
  world.hosts.answerNext('checkout', failed('request'))

  const { leaseId } = await world.ask({ blueprint: 'checkout', repository: 'example', commit: 'nope' })
  await world.settle()

  expect(await world.lease(leaseId)).toMatchObject({
    status: 'destroyed',
    reason: 'request_failed',
    failures: [],
  })
  expect(
    world.table.items().find((item) => item.PK === 'H#alpha' && item.SK === 'META')?.['failuresInARow'],
  ).toBe(0)
  expect(violations(world.table.items())).toEqual([])
})

test("a git server's failure is tried again on the same slot, with growing pauses", async () => {
  const world = await openWorld()
  world.hosts.answerNext('checkout', failed('remote'))
  world.hosts.answerNext('checkout', failed('remote'))

  const { leaseId } = await world.ask({ blueprint: 'checkout', repository: 'example' })
  await world.settle()
  await world.advance(4_000)

  expect(await world.lease(leaseId)).toMatchObject({ status: 'active', failures: [], epoch: 3 })
})

test("a git server that stays away breaks the lease at the activation deadline, and not the host's name", async () => {
  const world = await openWorld()
  for (let count = 0; count < 200; count++) world.hosts.answerNext('checkout', failed('remote'))

  const { leaseId } = await world.ask({ blueprint: 'checkout', repository: 'example' })
  await world.settle()
  await world.advance(920_000)

  expect(await world.lease(leaseId)).toMatchObject({
    reason: 'activation_failed',
    detail: 'fetch_failed: the remote did it',
    failures: [],
  })
})

test("a host's failure sends the lease to another host at once, from its very place in the queue", async () => {
  const world = await openWorld({ hosts: { alpha: 1, beta: 1 } })
  world.hosts.answerNext('open', failed('host'))

  const { leaseId } = await world.ask()
  const place = (await world.lease(leaseId)).waiters
  await world.settle()

  const lease = await world.lease(leaseId)
  expect(lease).toMatchObject({ status: 'active', waiters: place })
  expect(lease.failures).toHaveLength(1)
  expect('slot' in lease && lease.slot?.host).not.toBe(lease.failures[0]?.host)
  expect(violations(world.table.items())).toEqual([])
})

test('three hosts that fail are a verdict that names each of them with its reason', async () => {
  const world = await openWorld({ hosts: { alpha: 1, beta: 1, gamma: 1 } })
  for (let count = 0; count < 3; count++) world.hosts.answerNext('open', failed('host'))

  const { leaseId } = await world.ask()
  await world.settle()

  const lease = await world.lease(leaseId)
  expect(lease).toMatchObject({ status: 'destroyed', reason: 'activation_failed' })
  const detail = 'detail' in lease ? lease.detail : ''
  for (const host of ['alpha', 'beta', 'gamma']) expect(detail).toContain(`${host}: unreachable`)
  expect(violations(world.table.items())).toEqual([])
})

test('a slot whose cleaning is not confirmed is not given away until it is cleaned', async () => {
  const world = await openWorld()
  const first = await world.ask()
  const second = await world.ask()
  await world.settle()
  for (let count = 0; count < 4; count++) world.hosts.answerNext('close', failed('host'))

  await releaseLease(world.ports, holder(first.leaseId), first.leaseId, 'ok')
  await world.settle()
  const meanwhile = await world.lease(second.leaseId)
  await world.advance(5_000)

  expect(await world.lease(first.leaseId)).toMatchObject({ status: 'destroyed', reason: 'released' })
  expect(meanwhile.status).toBe('pending')
  expect(await world.lease(second.leaseId)).toMatchObject({ status: 'active' })
  expect(violations(world.table.items())).toEqual([])
})

test('a host that lost its disk gets its slots under a new name before anybody uses them', async () => {
  const world = await openWorld()
  const before = world.table.items().find((item) => item.SK === 'S#000')?.['nonce']
  world.hosts.reimage('alpha')

  const { leaseId } = await world.ask()
  await world.settle()
  await world.advance(5_000)

  const slot = world.table.items().find((item) => item.SK === 'S#000')
  expect(await world.lease(leaseId)).toMatchObject({ status: 'active' })
  expect(slot?.['nonce']).not.toBe(before)
  expect(world.hosts.calls.filter((call) => call.verb === 'init')).toHaveLength(2)
})

test('too many connections are nobody`s fault: the activation yields', async () => {
  const world = await openWorld()
  world.hosts.answerNext('open', { kind: 'busy', detail: 'MaxSessions' })

  const { leaseId } = await world.ask()
  await world.settle()
  await world.advance(2_000)

  expect(await world.lease(leaseId)).toMatchObject({ status: 'active', failures: [] })
})

test('a working copy is handed out with its receipt, and its slot is warm for the repository afterwards', async () => {
  const world = await openWorld()
  const { leaseId } = await world.ask({ blueprint: 'checkout', repository: 'example', commit: 'abc' })
  await world.settle()
  const active = await world.lease(leaseId)

  await releaseLease(world.ports, holder(leaseId), leaseId, 'ok')
  await world.settle()

  expect(active).toMatchObject({ status: 'active', receipt: { commit: 'abc', files: 1 } })
  expect(world.table.items().find((item) => item.SK === 'S#000')?.['warm']).toEqual(['example'])
})
