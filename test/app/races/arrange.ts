import { freeSlot, setSlotAside } from '../../../lib/app/transactions/finish.ts'
import { endHolding } from '../../../lib/app/transactions/end.ts'
import { makeActive } from '../../../lib/app/transactions/activated.ts'
import type { WorldOptions } from '../../support/world.ts'
import { openWorld } from '../../support/world.ts'
import { by, seen, slotSeen } from '../support/look.ts'

/** One slot that is held by a lease, and waiters; nobody works on executions. */
export async function waitingWorld(waiters: number, options: WorldOptions = {}) {
  const world = await openWorld(options)
  world.halt(true)
  const holding = await world.ask()
  const ids: string[] = []
  for (let count = 0; count < waiters; count++) ids.push((await world.ask()).leaseId)
  return { world, holding: holding.leaseId, ids }
}

/** As above, but the holding lease has ended and waits for its last step. */
export async function releasedWorld(waiters: number, options: WorldOptions = {}) {
  const { world, holding, ids } = await waitingWorld(waiters, options)
  const acquired = await seen(world, holding, 'acquired')
  await endHolding(world.ports, acquired, 'released', { reason: 'released' }, by(world))
  const from = await seen(world, holding, 'released')
  return { world, from, slot: slotSeen(world, 'alpha', 0, 'held'), ids }
}

/** As above, but the slot was given back and is free: by somebody who told nobody. */
export async function freeWorld(waiters: number, options: WorldOptions = {}) {
  const { world, from, slot, ids } = await releasedWorld(waiters, options)
  await freeSlot(world.ports, from, slot, by(world))
  return { world, ids }
}

/** As above, but the slot is dirty. */
export async function dirtyWorld(waiters: number, options: WorldOptions = {}) {
  const { world, from, slot, ids } = await releasedWorld(waiters, options)
  await setSlotAside(world.ports, from, slot, 'dirty', by(world))
  return { world, dirty: slotSeen(world, 'alpha', 0, 'dirty'), ids }
}

/** One lease that is active on the only slot, and one that waits. */
export async function activeWorld() {
  const { world, holding, ids } = await waitingWorld(1)
  await makeActive(world.ports, await seen(world, holding, 'acquired'), undefined, by(world))
  return { world, lease: await seen(world, holding, 'active'), ids }
}
