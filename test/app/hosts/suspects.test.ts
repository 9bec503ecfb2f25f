import { expect, test } from 'vitest'
import { releaseLease } from '../../../lib/app/leases/release-lease.ts'
import { readHost } from '../../../lib/app/store/read.ts'
import { violations } from '../../support/invariants.ts'
import type { World } from '../../support/world.ts'
import { holder, openWorld } from '../../support/world.ts'

const stateOf = async (world: World, host = 'alpha') => (await readHost(world.ports, host)).host

/** A lease that becomes active, and whose holder then says how it was. */
async function use(world: World, outcome: 'ok' | 'host_suspect') {
  const { leaseId } = await world.ask()
  await world.settle()
  await releaseLease(world.ports, holder(leaseId), leaseId, outcome)
}

test('a holder who suspects the host counts as a failure of it, until an activation works', async () => {
  const world = await openWorld()
  await use(world, 'host_suspect')
  const suspected = await stateOf(world)
  await world.settle()

  await use(world, 'ok')

  expect(suspected?.failuresInARow).toBe(1)
  expect((await stateOf(world))?.failuresInARow).toBe(0)
})

test('three holders of three slots who suspect their host quarantine it', async () => {
  const world = await openWorld({ hosts: { alpha: 3 } })
  const leases = [await world.ask(), await world.ask(), await world.ask()]
  await world.settle()

  for (const { leaseId } of leases) await releaseLease(world.ports, holder(leaseId), leaseId, 'host_suspect')
  await world.settle()

  expect(await stateOf(world)).toMatchObject({ state: 'quarantined' })
  expect((await stateOf(world))?.reason).toContain('host_suspect')
  expect(violations(world.table.items())).toEqual([])
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
