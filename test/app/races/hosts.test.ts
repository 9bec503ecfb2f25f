import { expect, test } from 'vitest'
import { applyConfig } from '../../../lib/app/config/apply-config.ts'
import { changeHost } from '../../../lib/app/fleet/change-host.ts'
import { examineHost } from '../../../lib/app/fleet/examine-host.ts'
import { settleHost } from '../../../lib/app/fleet/settle-host.ts'
import { countAgainst } from '../../../lib/app/fleet/tally.ts'
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

test('tally_as_read: two leases that fail at once are both counted', async () => {
  const world = await openWorld({ hosts: { alpha: 2 } })
  const [one, other] = await acquiredOn(world, 2)
  if (!one || !other) throw new Error('not as arranged')
  const { ports, outcomes } = late(world, 'tally_as_read', async () =>
    afterHostFailure(world.ports, other, TROUBLE, 'execution'),
  )

  await afterHostFailure(ports, one, TROUBLE, 'execution')

  expect(lostTo(outcomes)).toEqual(['tally_as_read'])
  expect(hostNow(world, 'alpha').failuresInARow).toBe(2)
})

test('tally_as_read: a lease that works ends the failures before it began, and none that came since', async () => {
  const world = await openWorld({ hosts: { alpha: 2 } })
  await countAgainst(world.ports, 'alpha', 'failures')
  const before = hostNow(world, 'alpha')
  const { ports, outcomes } = late(world, 'tally_as_read', async () =>
    countAgainst(world.ports, 'alpha', 'failures'),
  )

  await clearFailures(ports, before)

  expect(lostTo(outcomes)).toEqual(['tally_as_read'])
  expect(hostNow(world, 'alpha')).toMatchObject({ failures: 2, failuresInARow: 1 })
})

test('tally_as_read: a host that an operator returns meanwhile begins its row anew', async () => {
  const world = await openWorld()
  for (let count = 0; count < 2; count++) await countAgainst(world.ports, 'alpha', 'failures')
  const { ports, outcomes } = late(world, 'tally_as_read', async () =>
    changeHost(world.ports, 'alpha', { state: 'active' }, by(world)),
  )

  await countAgainst(ports, 'alpha', 'failures')

  expect(lostTo(outcomes)).toEqual(['tally_as_read'])
  expect(hostNow(world, 'alpha')).toMatchObject({ failures: 3, failuresInARow: 1 })
})

test('probed_before: what an earlier probe found does not go over what a later one did', async () => {
  const world = await openWorld()
  const alpha = hostNow(world, 'alpha')
  const { ports, outcomes } = late(world, 'probed_before', async () => {
    await world.advance(1_000)
    world.hosts.answerNext('probe', { kind: 'failed', fault: 'host', code: 'script_failed', detail: 'later' })
    await examineHost(world.ports, alpha)
  })

  await examineHost(ports, alpha)

  expect(lostTo(outcomes)).toEqual(['probed_before'])
  expect(hostNow(world, 'alpha').probe).toMatchObject({ trouble: { detail: 'later' } })
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

  await noteSeen(ports, beta, world.ports.clock.now())

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

  await noteSeen(ports, alpha, world.ports.clock.now())

  expect(lostTo(outcomes)).toEqual(['trouble_of_host'])
  expect(hostNow(world, 'alpha')).not.toHaveProperty('reason')
  expect(poolNow(world, 'linux')).toMatchObject({ trouble: 'host beta: unreachable', troubled: 'beta' })
})
