import { expect, test } from 'vitest'
import { changeHost } from '../../lib/app/fleet/change-host.ts'
import { releaseLease } from '../../lib/app/leases/release-lease.ts'
import { activateLease } from '../../lib/app/lifecycle/activate.ts'
import { afterHostFailure } from '../../lib/app/lifecycle/host-failure.ts'
import { endOverdue } from '../../lib/app/lifecycle/overdue.ts'
import { hostKey, leaseKey } from '../../lib/app/store/keys.ts'
import { violations } from '../support/invariants.ts'
import { holder, openWorld } from '../support/world.ts'
import { releasedWorld } from './races/arrange.ts'
import { late } from './support/late.ts'
import { by, hostNow, itemAt, remove, seen, set } from './support/look.ts'

const TROUBLE = { code: 'unreachable', detail: 'gone' }

/** A lease that was acquired on the only host, after this many hosts have failed it. */
async function acquired(failures: number) {
  const world = await openWorld()
  world.halt(true)
  const { leaseId } = await world.ask()
  const before = Array.from({ length: failures }, (_, one) => ({ ...TROUBLE, host: `host-${one}` }))
  await set(world, leaseKey(leaseId), { failures: before })
  return { world, lease: await seen(world, leaseId, 'acquired') }
}

test.each([
  ['the first', 0],
  ['the last', 2],
])(
  'a lease that ended while %s of its hosts failed it is not requeued or broken, and nothing is counted',
  async (_, failures) => {
    const { world, lease } = await acquired(failures)
    await releaseLease(world.ports, holder(lease.id), lease.id, 'ok')

    const done = await afterHostFailure(world.ports, lease, TROUBLE, 'execution')

    expect(done).toBe(false)
    expect(await world.lease(lease.id)).toMatchObject({ status: 'released', reason: 'released' })
    expect(hostNow(world, 'alpha').failuresInARow).toBe(0)
  },
)

test('a host that was removed under its last lease is not counted', async () => {
  const { world, lease } = await acquired(0)
  await remove(world, itemAt(world, hostKey('alpha')))

  const done = await afterHostFailure(world.ports, lease, TROUBLE, 'execution')

  expect(done).toBe(true)
  expect(world.table.items().some((item) => item.PK === 'H#alpha' && item.SK === 'META')).toBe(false)
})

test('a host that is drained between its third failure and the verdict over it stays drained', async () => {
  const { world, lease } = await acquired(0)
  await set(world, hostKey('alpha'), { failuresInARow: 2 })
  const { ports } = late(world, 'tally_as_read', async () =>
    changeHost(world.ports, 'alpha', { state: 'draining', reason: 'a new disk' }, by(world)),
  )

  await afterHostFailure(ports, lease, TROUBLE, 'execution')

  expect(hostNow(world, 'alpha')).toMatchObject({ state: 'draining', reason: 'a new disk' })
  expect(violations(world.table.items())).toEqual([])
})

test('a lease that is over has no deadline left that somebody could act on', async () => {
  const { world, from } = await releasedWorld(0)
  const before = world.table.items()

  const acted = await endOverdue(world.ports, from, 'somebody late')

  expect(acted).toBe(false)
  expect(world.table.items()).toEqual(before)
})

test('a lease that is over in the instant in which it becomes active is decided about', async () => {
  const { world, lease } = await acquired(0)
  await set(world, leaseKey(lease.id), { ttlMs: 0 })

  const route = await activateLease(world.ports, lease.id)

  expect(route).toEqual({ route: 'DECIDE' })
  expect((await world.lease(lease.id)).status).toBe('active')
})
