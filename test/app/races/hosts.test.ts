import { expect, test } from 'vitest'
import { applyConfig } from '../../../lib/app/config/apply-config.ts'
import { changeHost } from '../../../lib/app/fleet/change-host.ts'
import { settleHost } from '../../../lib/app/fleet/settle-host.ts'
import { afterHostFailure, clearFailures } from '../../../lib/app/lifecycle/host-failure.ts'
import { noteSeen, noteTrouble } from '../../../lib/app/store/host-trouble.ts'
import { hostKey } from '../../../lib/app/store/keys.ts'
import { violations } from '../../support/invariants.ts'
import type { World } from '../../support/world.ts'
import { catalogue, openWorld } from '../../support/world.ts'
import { late, lostTo } from '../support/late.ts'
import { by, hostNow, poolNow, seen, set, slotsNow, statesNow } from '../support/look.ts'

const change = async (world: World, state: 'active' | 'draining' | 'disabled') =>
  changeHost(world.ports, 'alpha', { state }, by(world))

const TROUBLE = { code: 'unreachable', detail: 'no answer' }

/** Leases that were acquired on the host and wait for their activation. */
async function acquiredOn(world: World, count: number) {
  world.halt(true)
  const made = []
  for (let one = 0; one < count; one++) made.push((await world.ask()).leaseId)
  return Promise.all(made.map(async (id) => seen(world, id, 'acquired')))
}

test('host_unchanged: of two operators that change a host at once, the second one decides again', async () => {
  const world = await openWorld()
  const { changes } = hostNow(world, 'alpha')
  const { ports, outcomes } = late(world, 'host_unchanged', async () => change(world, 'disabled'))

  const changed = await changeHost(ports, 'alpha', { state: 'draining' }, by(world))

  expect(lostTo(outcomes)).toEqual(['host_unchanged'])
  expect(changed).toMatchObject({ ok: true, value: { state: 'draining', changes: changes + 2 } })
  expect(hostNow(world, 'alpha')).toMatchObject({ state: 'draining', changes: changes + 2 })
})

test('host_unchanged: who only changes what it has seen leaves what somebody else has made of it', async () => {
  const world = await openWorld()
  await change(world, 'draining')
  const { ports, outcomes } = late(world, 'host_unchanged', async () => change(world, 'disabled'))

  const returned = await changeHost(ports, 'alpha', { state: 'active', from: ['draining'] }, by(world))

  expect(lostTo(outcomes)).toEqual(['host_unchanged'])
  expect(returned).toMatchObject({ ok: true, value: { state: 'disabled' } })
  expect(hostNow(world, 'alpha').state).toBe('disabled')
})

test('host_unchanged: the slots of a host that came back meanwhile are not withheld any more', async () => {
  const world = await openWorld({ hosts: { alpha: 2 } })
  await set(world, hostKey('alpha'), { state: 'draining', changes: 1 })
  const { ports, outcomes } = late(world, 'host_unchanged', async () => change(world, 'active'))

  const changed = await settleHost(ports, 'alpha', 'operator')

  expect(lostTo(outcomes)).toContain('host_unchanged')
  expect(changed).toBe(0)
  expect(statesNow(world, 'alpha')).toEqual(['free', 'free'])
  expect(violations(world.table.items())).toEqual([])
})

test('slot_as_read: a slot that is taken while it should be withheld stays with its lease', async () => {
  const world = await openWorld({ hosts: { alpha: 2 } })
  world.halt(true)
  const { ports, outcomes } = late(world, 'slot_as_read', async () => world.ask())

  await changeHost(ports, 'alpha', { state: 'draining' }, by(world))

  expect(lostTo(outcomes)).toContain('slot_as_read')
  expect(statesNow(world, 'alpha').toSorted()).toEqual(['held', 'withheld'])
  expect(slotsNow(world, 'alpha').every((slot) => !slot.offered)).toBe(true)
  expect(violations(world.table.items())).toEqual([])
})

test('failures_unchanged: two leases that fail at once are counted once at worst', async () => {
  const world = await openWorld({ hosts: { alpha: 2 } })
  const [one, other] = await acquiredOn(world, 2)
  if (!one || !other) throw new Error('not as arranged')
  const { ports, outcomes } = late(world, 'failures_unchanged', async () =>
    afterHostFailure(world.ports, other, TROUBLE, 'execution'),
  )

  await afterHostFailure(ports, one, TROUBLE, 'execution')

  expect(lostTo(outcomes)).toEqual(['failures_unchanged'])
  expect(hostNow(world, 'alpha').failuresInARow).toBe(1)
})

test('failures_unchanged: an activation does not clear a failure that came after it was read', async () => {
  const world = await openWorld({ hosts: { alpha: 2 } })
  const [one] = await acquiredOn(world, 1)
  if (!one) throw new Error('not as arranged')
  await set(world, hostKey('alpha'), { failuresInARow: 1 })
  const { ports, outcomes } = late(world, 'failures_unchanged', async () =>
    afterHostFailure(world.ports, one, TROUBLE, 'execution'),
  )

  await clearFailures(ports, 'alpha', 1)

  expect(lostTo(outcomes)).toEqual(['failures_unchanged'])
  expect(hostNow(world, 'alpha').failuresInARow).toBe(2)
})

test('host_unchanged: what was wrong with a host is not written over the reason for which it was drained since', async () => {
  const world = await openWorld()
  const alpha = hostNow(world, 'alpha')
  const { ports, outcomes } = late(world, 'host_unchanged', async () =>
    changeHost(world.ports, 'alpha', { state: 'draining', reason: 'a new disk' }, by(world)),
  )

  await noteTrouble(ports, alpha, TROUBLE)

  expect(lostTo(outcomes)).toEqual(['host_unchanged'])
  expect(hostNow(world, 'alpha').reason).toBe('a new disk')
})

test('host_unchanged: a host that is removed while it answers is not made anew', async () => {
  const world = await openWorld({ hosts: { alpha: 1, beta: 1 } })
  const beta = hostNow(world, 'beta')
  const { ports, outcomes } = late(world, 'host_unchanged', async () =>
    applyConfig(world.ports, catalogue({}), { dryRun: false, remove: true }),
  )

  await noteSeen(ports, beta, world.ports.clock.now(), 'user')

  expect(lostTo(outcomes)).toEqual(['host_unchanged'])
  expect(world.table.items().some((item) => item.PK === 'H#beta')).toBe(false)
})

test('still_registered: what is said of a pool that is removed meanwhile does not make it anew', async () => {
  const world = await openWorld()
  const alpha = hostNow(world, 'alpha')
  const nothing = { blueprints: {}, hosts: {}, repositories: {}, tenants: {} }
  const { ports, outcomes } = late(world, 'still_registered', async () =>
    applyConfig(world.ports, nothing, { dryRun: false, remove: true }),
  )

  await noteTrouble(ports, alpha, TROUBLE)

  expect(lostTo(outcomes)).toEqual(['still_registered'])
  expect(world.table.items().some((item) => item.PK === 'REG#pool')).toBe(false)
})

test('trouble_of_host: what was said of a pool meanwhile, of another host, is not taken back', async () => {
  const world = await openWorld({ hosts: { alpha: 1, beta: 1 } })
  await noteTrouble(world.ports, hostNow(world, 'alpha'), TROUBLE)
  const alpha = hostNow(world, 'alpha')
  const { ports, outcomes } = late(world, 'trouble_of_host', async () =>
    noteTrouble(world.ports, hostNow(world, 'beta'), TROUBLE),
  )

  await noteSeen(ports, alpha, world.ports.clock.now(), undefined)

  expect(lostTo(outcomes)).toEqual(['trouble_of_host'])
  expect(hostNow(world, 'alpha')).not.toHaveProperty('reason')
  expect(poolNow(world, 'linux')).toMatchObject({ trouble: 'host beta: unreachable', troubled: 'beta' })
})
