import { expect, test } from 'vitest'
import { releaseLease } from '../../../lib/app/leases/release-lease.ts'
import { readHost } from '../../../lib/app/store/read.ts'
import { OPERATOR } from '../support/look.ts'
import { violations } from '../../support/invariants.ts'
import type { World } from '../../support/world.ts'
import { holder, openWorld } from '../../support/world.ts'

const stateOf = async (world: World, host = 'alpha') => (await readHost(world.ports, host)).host

/** A lease that becomes active, and whose holder then says how it was. */
async function use(world: World, outcome: 'ok' | 'failed' | 'host_suspect') {
  const { leaseId } = await world.ask()
  await world.settle()
  await releaseLease(world.ports, holder(leaseId), leaseId, outcome)
  await world.settle()
}

test('three holders in a row who suspect their host quarantine it, also one of a single slot', async () => {
  const world = await openWorld()

  for (let count = 0; count < 3; count++) await use(world, 'host_suspect')

  expect(await stateOf(world)).toMatchObject({
    state: 'quarantined',
    reason: '3 holders in a row suspect it',
    failuresInARow: 0,
  })
  expect(violations(world.table.items())).toEqual([])
})

test.each([
  ['ok', 0],
  ['failed', 2],
] as const)('a holder whose outcome is %s leaves %i suspicions of the ones before', async (outcome, left) => {
  const world = await openWorld()
  for (let count = 0; count < 2; count++) await use(world, 'host_suspect')

  await use(world, outcome)

  expect((await stateOf(world))?.suspicionsInARow).toBe(left)
})

test('a holder who is content does not answer for what came after its lease had begun', async () => {
  const world = await openWorld({ hosts: { alpha: 2 } })
  await use(world, 'host_suspect')
  const { leaseId } = await world.ask()
  await world.settle()
  await use(world, 'host_suspect')

  await releaseLease(world.ports, holder(leaseId), leaseId, 'ok')

  expect(await stateOf(world)).toMatchObject({ suspicions: 2, suspicionsInARow: 1 })
})

test('an operator who ends a lease says nothing of its host', async () => {
  const world = await openWorld()
  const { leaseId } = await world.ask()
  await world.settle()

  await releaseLease(world.ports, OPERATOR, leaseId, 'host_suspect')

  expect((await stateOf(world))?.suspicionsInARow).toBeUndefined()
})

test('a host that is suspected is probed at once', async () => {
  const world = await openWorld()
  const probes = () => world.hosts.calls.filter(({ verb }) => verb === 'probe').length
  const before = probes()

  await use(world, 'host_suspect')

  expect(probes()).toBe(before + 1)
})

test('a host that passes its probes and is suspected by everybody is let in ever more rarely', async () => {
  const world = await openWorld()
  for (let count = 0; count < 3; count++) await use(world, 'host_suspect')
  const away: number[] = []

  for (let round = 0; round < 5; round++) {
    const since = world.ports.clock.now()
    while ((await stateOf(world))?.state !== 'active') await world.advance(1_000)
    away.push(Math.round((world.ports.clock.now() - since) / 1_000))
    await use(world, 'host_suspect')
  }

  expect(away).toEqual([10, 20, 40, 80, 160])
})

test('a host that cannot clean a slot is quarantined with the failing step, and comes back clean', async () => {
  const world = await openWorld({ hosts: { alpha: 2 } })
  const { leaseId } = await world.ask()
  await world.settle()
  const stuck = { kind: 'failed', fault: 'host', code: 'not_empty', detail: 'pid 7 stays' } as const
  for (let count = 0; count < 9; count++) world.hosts.answerNext('close', stuck)

  await releaseLease(world.ports, holder(leaseId), leaseId, 'ok')
  await world.advance(33_000)
  const during = await readHost(world.ports, 'alpha')
  await world.advance(200_000)
  const after = await readHost(world.ports, 'alpha')

  expect(during.host).toMatchObject({ state: 'quarantined' })
  expect(during.host?.reason).toContain('not_empty (pid 7 stays)')
  expect(during.slots.map((slot) => slot.state).toSorted()).toEqual(['dirty', 'withheld'])
  expect(after.host?.state).toBe('active')
  expect(after.slots.map((slot) => slot.state)).toEqual(['free', 'free'])
})

test('a host that cannot be cleaned keeps nobody from the others', async () => {
  const world = await openWorld({ hosts: { alpha: 1, beta: 1 } })
  const first = await world.ask()
  await world.settle()
  const host = (await world.lease(first.leaseId)).status === 'active' ? 'alpha' : 'beta'
  const away = { kind: 'failed', fault: 'host', code: 'unreachable', detail: 'gone' } as const
  for (let count = 0; count < 200; count++) world.hosts.answerNext('close', away, host)
  await releaseLease(world.ports, holder(first.leaseId), first.leaseId, 'ok')

  const served: string[] = []
  for (let count = 0; count < 5; count++) {
    const { leaseId } = await world.ask()
    await world.settle()
    served.push((await world.lease(leaseId)).status)
    await releaseLease(world.ports, holder(leaseId), leaseId, 'ok')
    await world.settle()
  }

  expect(served).toEqual(Array.from({ length: 5 }, () => 'active'))
})
