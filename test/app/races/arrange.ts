import { applyConfig } from '../../../lib/app/config/apply-config.ts'
import { cleanSlot } from '../../../lib/app/lifecycle/clean.ts'
import { finalizeLease } from '../../../lib/app/lifecycle/finalize.ts'
import { freeSlot, setSlotAside } from '../../../lib/app/transactions/finish.ts'
import { endHolding } from '../../../lib/app/transactions/end.ts'
import { makeActive } from '../../../lib/app/transactions/activated.ts'
import { giveBack } from '../../../lib/app/transactions/requeue.ts'
import type { World, WorldOptions } from '../../support/world.ts'
import { catalogue, openWorld } from '../../support/world.ts'
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
  return { world, ...(await release(world, holding)), ids }
}

/** An acquired lease ends; its slot waits for the last step. */
export async function release(world: World, id: string) {
  const acquired = await seen(world, id, 'acquired')
  await endHolding(world.ports, acquired, 'released', { reason: 'released' }, by(world))
  const from = await seen(world, id, 'released')
  return { from, slot: slotSeen(world, from.slot.host, from.slot.number, 'held') }
}

/** As above, with its last step: the slot goes on, or is free. */
export async function end(world: World, id: string) {
  await release(world, id)
  await finalizeLease(world.ports, id, true)
}

/** The only host leaves the configuration and comes back: its slots count their epochs anew. */
export async function replaceHost(world: World) {
  await applyConfig(world.ports, catalogue({ hosts: {} }), { dryRun: false, remove: true })
  await applyConfig(world.ports, catalogue({}), { dryRun: false, remove: false })
  await cleanSlot(world.ports, 'alpha', 0, 0)
}

/** A lease gives its slot back as one that could not be made ready, and is given it again when it is clean. */
export async function requeue(world: World, id: string) {
  const failure = { host: 'alpha', code: 'unreachable', detail: '' }
  await giveBack(world.ports, await seen(world, id, 'acquired'), failure, by(world))
  await cleanSlot(world.ports, 'alpha', 0, 0)
  await seen(world, id, 'acquired')
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
  await makeActive(world.ports, await seen(world, holding, 'acquired'), { isolation: 'user' }, by(world))
  return { world, lease: await seen(world, holding, 'active'), ids }
}
