import { expect, test } from 'vitest'
import { changeHost } from '../../../lib/app/fleet/change-host.ts'
import { yieldFor } from '../../../lib/app/lifecycle/activation-trouble.ts'
import { finalizeLease } from '../../../lib/app/lifecycle/finalize.ts'
import { makeActive } from '../../../lib/app/transactions/activated.ts'
import { handOver, setSlotAside } from '../../../lib/app/transactions/finish.ts'
import { violations } from '../../support/invariants.ts'
import { late, lostTo } from '../support/late.ts'
import { by, seen, slotSeen } from '../support/look.ts'
import { releasedWorld, replaceHost, requeue, waitingWorld } from './arrange.ts'

/** Who still works on an ended lease, while its slot is another's in an epoch of the same number; and one that waits. */
async function cameBackWorld() {
  const { world, from, slot } = await releasedWorld(0)
  await finalizeLease(world.ports, from.id, true)
  await replaceHost(world)
  await world.ask()
  const to = await seen(world, (await world.ask()).leaseId, 'pending')
  const now = slotSeen(world, 'alpha', 0, 'held')
  if (now.epoch !== slot.epoch) throw new Error('not as arranged')
  return { world, from, slot, now, to }
}

test('slot_held_and_offered: a finalizer does not hand on a slot that is held by another lease now', async () => {
  const { world, from, slot, now, to } = await cameBackWorld()

  const outcome = await handOver(world.ports, from, to, slot, by(world))

  expect(lostTo([outcome])).toContain('slot_held_and_offered')
  expect(slotSeen(world, 'alpha', 0, 'held')).toEqual(now)
  expect(violations(world.table.items())).toEqual([])
})

test('slot_held_not_offered: nor does it withhold one of a host that is drained', async () => {
  const { world, from, slot, now } = await cameBackWorld()
  await changeHost(world.ports, 'alpha', { state: 'draining' }, by(world))

  const outcome = await setSlotAside(world.ports, from, slot, 'withheld', by(world))

  expect(lostTo([outcome])).toContain('slot_held_not_offered')
  expect(slotSeen(world, 'alpha', 0, 'held').lease).toBe(now.lease)
  expect(violations(world.table.items())).toEqual([])
})

test('slot_held_by_lease: what was made ready for an earlier holding does not activate a later one', async () => {
  const { world, holding } = await waitingWorld(0)
  const before = await seen(world, holding, 'acquired')
  await requeue(world, holding)

  const { outcome } = await makeActive(world.ports, before, { isolation: 'user' }, by(world))

  expect(lostTo([outcome])).toContain('slot_held_by_lease')
  expect((await seen(world, holding, 'acquired')).epoch).toBeGreaterThan(before.epoch)
  expect(violations(world.table.items())).toEqual([])
})

test('lease_unchanged: that an earlier holding was not ready yet is not counted for a later one', async () => {
  const { world, holding } = await waitingWorld(0)
  const before = await seen(world, holding, 'acquired')
  const { ports, outcomes } = late(world, 'lease_unchanged', async () => requeue(world, holding))

  const route = await yieldFor(ports, before, 'remote', 'the forge does not answer')

  expect(lostTo(outcomes)).toEqual(['lease_unchanged'])
  expect(route).toEqual({ route: 'DECIDE' })
  expect(await seen(world, holding, 'acquired')).not.toHaveProperty('yielded')
})
