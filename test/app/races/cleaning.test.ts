import { expect, test } from 'vitest'
import { changeHost } from '../../../lib/app/fleet/change-host.ts'
import { cleanSlot } from '../../../lib/app/lifecycle/clean.ts'
import { reclaim } from '../../../lib/app/lifecycle/reclaim.ts'
import { slotKey } from '../../../lib/app/store/keys.ts'
import { cleaned, renameSlot } from '../../../lib/app/transactions/clean.ts'
import { setSlotAside } from '../../../lib/app/transactions/finish.ts'
import { violations } from '../../support/invariants.ts'
import type { World } from '../../support/world.ts'
import { openWorld } from '../../support/world.ts'
import { late, lostTo, winners } from '../support/late.ts'
import { by, hostNow, itemAt, slotSeen, slotsNow, statesNow } from '../support/look.ts'
import { dirtyWorld, release } from './arrange.ts'

const NOTHING = { stay: [], gone: [], by: { now: 0, actor: 'cleaning' } }

/** Somebody else cleans the slot; another lease has it, and leaves it dirty. */
async function soilAgain(world: World) {
  await cleanSlot(world.ports, 'alpha', 0, 0)
  const { from, slot } = await release(world, (await world.ask()).leaseId)
  await setSlotAside(world.ports, from, slot, 'dirty', by(world))
}

test('slot_unclean: a slot is cleaned once, however many confirm it', async () => {
  const { world, dirty } = await dirtyWorld(0)

  const outcomes = await Promise.all([1, 2, 3].map(async () => cleaned(world.ports, dirty, NOTHING)))

  expect(winners(outcomes)).toBe(1)
  expect(lostTo(outcomes)).toEqual(['slot_unclean', 'slot_unclean'])
  expect(slotSeen(world, 'alpha', 0, 'free').epoch).toBe(dirty.epoch + 1)
  expect(violations(world.table.items())).toEqual([])
})

test('slot_unclean: a slot is not freed under another name than the one that its host confirmed', async () => {
  const { world, dirty } = await dirtyWorld(0)
  await renameSlot(world.ports, dirty, 'the name of another cleaner')

  const outcome = await cleaned(world.ports, dirty, NOTHING)

  expect(lostTo([outcome])).toEqual(['slot_unclean'])
})

test('slot_unclean: a slot whose host is drained while it is cleaned is withheld, not freed', async () => {
  const { world } = await dirtyWorld(1)
  const { ports, outcomes } = late(world, 'slot_unclean', async () =>
    changeHost(world.ports, 'alpha', { state: 'draining' }, by(world)),
  )

  const first = await cleanSlot(ports, 'alpha', 0, 0)
  const again = await cleanSlot(ports, 'alpha', 0, 1)

  expect(lostTo(outcomes)).toEqual(['slot_unclean'])
  expect([first, again]).toEqual([{ route: 'AGAIN', seconds: 1 }, { route: 'DONE' }])
  expect(statesNow(world, 'alpha')).toEqual(['withheld'])
  expect(violations(world.table.items())).toEqual([])
})

test('slot_unclean: what was confirmed before the last lease does not free the slot with what that one left', async () => {
  const { world, dirty } = await dirtyWorld(0)
  const { ports, outcomes } = late(world, 'slot_unclean', async () => soilAgain(world))

  const route = await cleanSlot(ports, 'alpha', 0, 0)

  expect(lostTo(outcomes)).toEqual(['slot_unclean'])
  expect(route).toEqual({ route: 'AGAIN', seconds: 1 })
  expect(slotSeen(world, 'alpha', 0, 'dirty')).toMatchObject({ nonce: dirty.nonce, epoch: dirty.epoch + 2 })
})

test('nonce_unchanged: of two cleaners that rename a slot, one does', async () => {
  const { world, dirty } = await dirtyWorld(0)

  const outcomes = await Promise.all(
    ['one', 'two'].map(async (nonce) => renameSlot(world.ports, dirty, nonce)),
  )

  expect(winners(outcomes)).toBe(1)
  expect(lostTo(outcomes)).toEqual(['nonce_unchanged'])
})

test('nonce_unchanged: a cleaner from before the last lease does not rename the slot that its host knows', async () => {
  const { world, dirty } = await dirtyWorld(0)
  await soilAgain(world)

  const outcome = await renameSlot(world.ports, dirty, 'another')

  expect(lostTo([outcome])).toEqual(['nonce_unchanged'])
  expect(slotSeen(world, 'alpha', 0, 'dirty').nonce).toBe(dirty.nonce)
})

test('nonce_unchanged: a cleaner whose slot was cleaned meanwhile does not touch its host', async () => {
  const { world } = await dirtyWorld(0)
  world.hosts.reimage('alpha')
  const { ports, outcomes } = late(world, 'nonce_unchanged', async () =>
    cleanSlot(world.ports, 'alpha', 0, 0),
  )
  const inits = () => world.hosts.calls.filter((call) => call.verb === 'init').length
  const before = inits()

  const route = await cleanSlot(ports, 'alpha', 0, 0)

  expect(lostTo(outcomes)).toEqual(['nonce_unchanged'])
  expect(route).toEqual({ route: 'AGAIN', seconds: 1 })
  expect(inits()).toBe(before + 1)
  expect(itemAt(world, slotKey('alpha', 0))).toMatchObject({ state: 'free' })
})

test('slot_as_read: a slot that is leased while it should give up its copies keeps them, and another one does', async () => {
  const world = await openWorld({ hosts: { alpha: 3 }, seed: 2 })
  world.halt(true)
  const warm = { kind: 'update', when: { name: 'by hand', all: [] } } as const
  for (const number of [0, 1, 2]) {
    const set = { warm: ['example'], usedAt: 1_000 + number }
    await world.table.write({ ...warm, key: slotKey('alpha', number), set })
  }
  const { ports, outcomes } = late(world, 'slot_as_read', async () => {
    while (slotsNow(world, 'alpha')[0]?.state === 'free') await world.ask()
  })

  const room = await reclaim(ports, { host: 'alpha', number: 2, pool: 'linux' })

  expect(lostTo(outcomes)).toContain('slot_as_read')
  expect(room).toBe(true)
  expect(statesNow(world, 'alpha')[0]).toBe('held')
  expect(statesNow(world, 'alpha')).toContain('dirty')
  expect(violations(world.table.items())).toEqual([])
})

test('nonce_unchanged: a cleaner that is late never starts a slot anew that was cleaned and leased meanwhile', async () => {
  const { world } = await dirtyWorld(0)
  world.hosts.reimage('alpha')
  const { hosts } = world.ports
  let begun = false
  const init: typeof hosts.init = async (...given) => {
    if (begun) return hosts.init(...given)
    begun = true
    await cleanSlot(world.ports, 'alpha', 0, 0)
    world.halt(false)
    await world.ask()
    await world.settle()
    return hosts.init(...given)
  }

  const route = await cleanSlot({ ...world.ports, hosts: { ...hosts, init } }, 'alpha', 0, 0)
  const { nonce, epoch } = slotSeen(world, 'alpha', 0, 'held')
  const opened = await hosts.open(hostNow(world, 'alpha'), { slot: 0, nonce: nonce ?? '', epoch })

  expect(route).toEqual({ route: 'AGAIN', seconds: 1 })
  expect(opened).toEqual({ kind: 'done', value: { isolation: 'user' } })
})
