import { expect, test } from 'vitest'
import { applyConfig } from '../../../lib/app/config/apply-config.ts'
import { changeHost } from '../../../lib/app/fleet/change-host.ts'
import { dismantleHost } from '../../../lib/app/fleet/dismantle-host.ts'
import { finalizeLease } from '../../../lib/app/lifecycle/finalize.ts'
import { sweep } from '../../../lib/app/repair/sweep/sweep.ts'
import { text } from '../../../lib/app/store/attributes.ts'
import { violations } from '../../support/invariants.ts'
import type { World } from '../../support/world.ts'
import { catalogue, openWorld } from '../../support/world.ts'
import { late, lostTo } from '../support/late.ts'
import { by, hostNow, leasesNow, slotSeen, slotsNow, statesNow } from '../support/look.ts'
import { end, releasedWorld } from './arrange.ts'

const APPLY = { dryRun: false, remove: false }
const BOTH = catalogue({ hosts: { alpha: 1, beta: 1 } })

const change = async (world: World, host: string, state: 'draining' | 'destroyed') =>
  changeHost(world.ports, host, { state }, by(world))

test('slot_as_read: a held slot that becomes free while its host is drained is withheld', async () => {
  const { world, from } = await releasedWorld(0)
  const { ports, outcomes } = late(world, 'slot_as_read', async () =>
    finalizeLease(world.ports, from.id, true),
  )

  await changeHost(ports, 'alpha', { state: 'draining' }, by(world))

  expect(lostTo(outcomes)).toEqual(['slot_as_read'])
  expect(statesNow(world, 'alpha')).toEqual(['withheld'])
  expect(violations(world.table.items())).toEqual([])
})

test('slot_as_read: a host whose slot is taken while it is removed stays until that lease has ended', async () => {
  const world = await openWorld()
  world.halt(true)
  const { ports, outcomes } = late(world, 'slot_as_read', async () => world.ask())

  await applyConfig(ports, catalogue({ hosts: {} }), { dryRun: false, remove: true })
  const [slot] = slotsNow(world, 'alpha')
  for (const lease of leasesNow(world, 'acquired')) await end(world, text(lease, 'id'))
  await sweep(world.ports)

  expect(lostTo(outcomes)).toContain('slot_as_read')
  expect(slot).toMatchObject({ state: 'held', offered: false })
  expect(world.table.items().some((item) => item.PK === 'H#alpha')).toBe(false)
  expect(violations(world.table.items())).toEqual([])
})

test('slot_as_read: a host that is declared again while it is taken apart keeps its slots', async () => {
  const world = await openWorld()
  world.halt(true)
  await applyConfig(world.ports, BOTH, APPLY)
  await change(world, 'beta', 'destroyed')
  const { ports, outcomes } = late(world, 'slot_as_read', async () => applyConfig(world.ports, BOTH, APPLY))

  const gone = await dismantleHost(ports, 'beta')

  expect(lostTo(outcomes)).toEqual(['slot_as_read'])
  expect(gone).toBe(false)
  expect(slotSeen(world, 'beta', 0, 'dirty').offered).toBe(true)
  expect(violations(world.table.items())).toEqual([])
})

test('slot_as_read: and so it does when it was used and drained again since', async () => {
  const world = await openWorld({ hosts: { alpha: 1, beta: 1 } })
  world.halt(true)
  await change(world, 'beta', 'destroyed')
  const before = slotSeen(world, 'beta', 0, 'withheld')
  const { ports, outcomes } = late(world, 'slot_as_read', async () => {
    await applyConfig(world.ports, BOTH, APPLY)
    for (const { leaseId } of [await world.ask(), await world.ask()]) await end(world, leaseId)
    await change(world, 'beta', 'draining')
  })

  const gone = await dismantleHost(ports, 'beta')

  expect(lostTo(outcomes)).toEqual(['slot_as_read'])
  expect(gone).toBe(false)
  expect(slotSeen(world, 'beta', 0, 'withheld').epoch).toBe(before.epoch + 1)
})

test('host_as_configured: a host that is drained while a document changes it is not drained no more', async () => {
  const world = await openWorld()
  const { ports, outcomes } = late(world, 'host_as_configured', async () =>
    change(world, 'alpha', 'draining'),
  )

  const refused = await applyConfig(ports, catalogue({ hosts: { alpha: 2 } }), APPLY)

  expect(lostTo(outcomes)).toEqual(['host_as_configured'])
  expect(refused).toMatchObject({ ok: false, refusal: { refused: 'conflict' } })
  expect(hostNow(world, 'alpha')).toMatchObject({ state: 'draining', capacity: 1 })
})

test('host_as_configured: a host that another document changes while one removes it stays', async () => {
  const world = await openWorld({ hosts: { alpha: 1, beta: 1 } })
  const { ports, outcomes } = late(world, 'host_as_configured', async () =>
    applyConfig(world.ports, catalogue({ hosts: { alpha: 1, beta: 2 } }), APPLY),
  )

  const refused = await applyConfig(ports, catalogue({}), { dryRun: false, remove: true })

  expect(lostTo(outcomes)).toEqual(['host_as_configured'])
  expect(refused).toMatchObject({ ok: false, refusal: { refused: 'conflict' } })
  expect(hostNow(world, 'beta')).toMatchObject({ state: 'active', capacity: 2 })
})

test('host_unchanged: what was meant for a host that is gone does not fit the one that came in its place', async () => {
  const world = await openWorld({ hosts: { alpha: 1, beta: 1 } })
  world.halt(true)
  await change(world, 'beta', 'destroyed')
  const { ports, outcomes } = late(world, 'host_unchanged', async () => {
    await sweep(world.ports)
    await applyConfig(world.ports, BOTH, APPLY)
    await change(world, 'beta', 'draining')
  })

  await dismantleHost(ports, 'beta')

  expect(lostTo(outcomes)).toEqual(['host_unchanged'])
  expect(hostNow(world, 'beta').state).toBe('draining')
  expect(slotsNow(world, 'beta')).toHaveLength(1)
  expect(violations(world.table.items())).toEqual([])
})
