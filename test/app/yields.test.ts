import { expect, test } from 'vitest'
import { activateLease } from '../../lib/app/lifecycle/activate.ts'
import type { CheckoutState, HostAnswer } from '../../lib/app/ports/hosts.ts'
import { releaseLease } from '../../lib/app/leases/release-lease.ts'
import type { Limits } from '../../lib/domain/limits.ts'
import { violations } from '../support/invariants.ts'
import { holder, openWorld } from '../support/world.ts'
import { late, lostTo } from './support/late.ts'
import { hostNow, seen } from './support/look.ts'

const MINUTE = 60_000
const running: HostAnswer<CheckoutState> = {
  kind: 'done',
  value: { state: 'running', phase: 'fetching' },
}
const away: HostAnswer<never> = { kind: 'failed', fault: 'remote', code: 'fetch_failed', detail: 'no route' }
const COPY = { blueprint: 'checkout', repository: 'example' }

/** A world whose checkouts never end, in which nobody works on executions. */
async function endless(limits: Limits, checkout: () => HostAnswer<CheckoutState> = () => running) {
  const world = await openWorld({
    hosts: { alpha: 1 },
    fakeHosts: { checkout },
    blueprints: {
      checkout: { name: 'checkout', type: 'working-copy', pools: ['linux'], allow: ['*'], limits },
    },
  })
  world.halt(true)
  const { leaseId } = await world.ask(COPY)
  return { world, leaseId, activate: async () => activateLease(world.ports, leaseId) }
}

test('"not yet" is counted in the table: who comes after an execution that died counts on', async () => {
  const { world, leaseId, activate } = await endless({})

  await activate()
  await activate()
  const third = await activate()

  expect(third).toEqual({ route: 'YIELD', seconds: 3 })
  expect(await world.lease(leaseId)).toMatchObject({
    status: 'acquired',
    version: 2,
    yielded: { count: 3, fault: 'none', detail: 'fetching' },
  })
})

test('pauses grow from one second to fifteen, and never beyond the deadline of the activation', async () => {
  const { world, activate } = await endless({ activationTime: 5 * MINUTE })

  const pauses: number[] = []
  for (let count = 0; count < 10; count++) {
    const route = await activate()
    if (route.route === 'YIELD') pauses.push(route.seconds)
  }
  await world.advance(5 * MINUTE - 4_000)
  const last = await activate()

  expect(pauses).toEqual([1, 2, 3, 4, 6, 8, 12, 15, 15, 15])
  expect(last).toEqual({ route: 'YIELD', seconds: 4 })
})

test("beyond the blueprint's number of yields a lease goes elsewhere: nobody's fault is the host's", async () => {
  const { world, leaseId, activate } = await endless({ yields: 2 })

  await activate()
  await activate()
  const route = await activate()

  expect(route).toEqual({ route: 'DECIDE' })
  expect(await world.lease(leaseId)).toMatchObject({
    status: 'pending',
    failures: [{ host: 'alpha', code: 'too_many_yields', detail: 'fetching' }],
  })
  expect(await world.lease(leaseId)).not.toHaveProperty('yielded')
  expect(hostNow(world, 'alpha').failuresInARow).toBe(1)
  expect(violations(world.table.items())).toEqual([])
})

test("beyond the number of yields for a remote's fault the lease breaks, and its host is blameless", async () => {
  const { world, leaseId, activate } = await endless({ yields: 1 }, () => away)

  await activate()
  await activate()

  expect(await world.lease(leaseId)).toMatchObject({
    status: 'broken',
    reason: 'activation_failed',
    detail: 'fetch_failed: no route',
    failures: [],
  })
  expect(hostNow(world, 'alpha').failuresInARow).toBe(0)
})

test("an activation that takes longer than its blueprint's deadline is tried elsewhere", async () => {
  const { world, leaseId } = await endless({ activationTime: 2 * MINUTE })

  world.halt(false)
  await world.advance(2 * MINUTE + 1_000)

  const { failures } = await world.lease(leaseId)
  expect(failures).toEqual([{ host: 'alpha', code: 'activation_deadline', detail: 'fetching' }])
})

test('the last fault counts: a remote that came back and was slow is no remote that is away', async () => {
  let answers = 0
  const { world, leaseId, activate } = await endless({ yields: 2 }, () =>
    (answers += 1) === 1 ? away : running,
  )

  await activate()
  await activate()
  await activate()

  expect(await world.lease(leaseId)).toMatchObject({
    status: 'pending',
    failures: [{ code: 'too_many_yields' }],
  })
})

test('a lease that ended while its host said "not yet" is not written to', async () => {
  const { world, leaseId } = await endless({})
  const { ports, outcomes } = late(world, 'lease_unchanged', async () =>
    releaseLease(world.ports, holder(leaseId), leaseId, 'ok'),
  )

  const route = await activateLease(ports, leaseId)

  expect(route).toEqual({ route: 'DECIDE' })
  expect(lostTo(outcomes)).toEqual(['lease_unchanged'])
  expect(await world.lease(leaseId)).not.toHaveProperty('yielded')
})

test('a lease that is released while it becomes active is not active', async () => {
  const { world, leaseId } = await endless({}, () => ({
    kind: 'done',
    value: {
      state: 'done',
      receipt: { commit: 'c', tree: 't', path: '/copy', files: 1, fetched: true, milliseconds: 5 },
    },
  }))
  const { ports } = late(world, 'slot_held_by_lease', async () =>
    releaseLease(world.ports, holder(leaseId), leaseId, 'ok'),
  )

  const route = await activateLease(ports, leaseId)

  expect(route).toEqual({ route: 'DECIDE' })
  expect((await seen(world, leaseId, 'released')).reason).toBe('released')
})

test('a slot that is still being opened by somebody else is asked for again', async () => {
  const { world, leaseId, activate } = await endless({})
  world.hosts.answerNext('open', { kind: 'refused', code: 'opening', detail: 'a moment' })

  const route = await activate()

  expect(route).toEqual({ route: 'YIELD', seconds: 1 })
  expect(await world.lease(leaseId)).toMatchObject({ yielded: { fault: 'none' }, failures: [] })
})

test('three hosts that yield for too long are a verdict that names each, and none of them is broken by it', async () => {
  const world = await openWorld({
    hosts: { alpha: 1, beta: 1, gamma: 1 },
    fakeHosts: { checkout: () => running },
    blueprints: {
      checkout: {
        name: 'checkout',
        type: 'working-copy',
        pools: ['linux'],
        allow: ['*'],
        limits: { yields: 1 },
      },
    },
  })

  const { leaseId } = await world.ask(COPY)
  await world.advance(10_000)

  const lease = await world.lease(leaseId)
  const detail = 'detail' in lease ? lease.detail : ''
  expect(lease).toMatchObject({ status: 'destroyed', reason: 'activation_failed' })
  for (const host of ['alpha', 'beta', 'gamma']) {
    expect(detail).toContain(`${host}: too_many_yields (fetching)`)
    expect(hostNow(world, host).state).toBe('active')
  }
})
