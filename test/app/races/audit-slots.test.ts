import { expect, test } from 'vitest'
import { audit } from '../../../lib/app/repair/audit/audit.ts'
import { text } from '../../../lib/app/store/attributes.ts'
import { reclaimSlot } from '../../../lib/app/transactions/reclaim.ts'
import { violations } from '../../support/invariants.ts'
import type { World } from '../../support/world.ts'
import { late, lostTo } from '../support/late.ts'
import { itemAt, put, remove, slotSeen } from '../support/look.ts'
import { end, freeWorld, replaceHost, requeue, waitingWorld } from './arrange.ts'

const NOTHING = { slots: 0, tokens: 0, waiters: 0, timers: 0, permits: 0, leases: 0, copies: 0, failed: 0 }

/** Something happens between the first look at slots and the look at the leases that hold them. */
function slowToReadLeases(world: World, meanwhile: () => Promise<unknown>): World {
  let waited = false
  const getAll: World['table']['getAll'] = async (keys) => {
    if (!waited && keys.some(({ PK }) => PK.startsWith('L#'))) {
      waited = true
      await meanwhile()
    }
    return world.table.getAll(keys)
  }
  return { ...world, ports: { ...world.ports, table: { ...world.ports.table, getAll } } }
}

test('slot_names_token: a token is not made for a slot that is free no more', async () => {
  const { world } = await freeWorld(0)
  const { token, pool } = slotSeen(world, 'alpha', 0, 'free')
  const item = itemAt(world, { PK: `F#${pool}`, SK: token })
  await remove(world, item)
  const { ports, outcomes } = late(world, 'slot_names_token', async () => {
    await put(world, item)
    await world.ask()
  })

  const findings = await audit(ports)

  expect(lostTo(outcomes)).toEqual(['slot_names_token'])
  expect(findings).toEqual(NOTHING)
  expect(violations(world.table.items())).toEqual([])
})

test('slot_names_token: nor for one that is free again under another', async () => {
  const { world } = await freeWorld(0)
  const { token, pool } = slotSeen(world, 'alpha', 0, 'free')
  const item = itemAt(world, { PK: `F#${pool}`, SK: token })
  await remove(world, item)
  const { ports, outcomes } = late(world, 'slot_names_token', async () => {
    await put(world, item)
    await end(world, (await world.ask()).leaseId)
  })

  const findings = await audit(ports)

  expect(lostTo(outcomes)).toEqual(['slot_names_token'])
  expect(findings).toEqual(NOTHING)
  expect(slotSeen(world, 'alpha', 0, 'free').token).not.toBe(token)
  expect(violations(world.table.items())).toEqual([])
})

test('slot_held_by_lease: a slot that its lease lost and got again between two looks is not soiled', async () => {
  const { world, holding } = await waitingWorld(0)
  const slow = slowToReadLeases(world, async () => requeue(world, holding))
  const { ports, outcomes } = late(slow, 'slot_held_by_lease', async () => undefined)

  const findings = await audit(ports)

  expect(lostTo(outcomes)).toEqual(['slot_held_by_lease'])
  expect(findings).toEqual(NOTHING)
  expect(violations(world.table.items())).toEqual([])
})

test('slot_held_by_lease: nor one of a host that came back, held by another in an epoch of the same number', async () => {
  const { world, holding } = await waitingWorld(0)
  const { epoch } = slotSeen(world, 'alpha', 0, 'held')
  const slow = slowToReadLeases(world, async () => {
    await end(world, holding)
    await replaceHost(world)
    await world.ask()
  })
  const { ports, outcomes } = late(slow, 'slot_held_by_lease', async () => undefined)

  const findings = await audit(ports)

  expect(lostTo(outcomes)).toEqual(['slot_held_by_lease'])
  expect(findings).toEqual(NOTHING)
  expect(slotSeen(world, 'alpha', 0, 'held').epoch).toBe(epoch)
  expect(violations(world.table.items())).toEqual([])
})

test.each([
  ['there is none', undefined],
  ['it is free under another token', 'free'],
  ['it is being cleaned', 'dirty'],
])(
  'slot_has_not_token: a token is not dropped when its slot names it since (before: %s)',
  async (_, before) => {
    const { world } = await freeWorld(0)
    const free = itemAt(world, { PK: 'H#alpha', SK: 'S#000' })
    if (before === undefined) await remove(world, free)
    else await put(world, { ...free, state: before, token: 'another' })
    const { ports, outcomes } = late(world, 'slot_has_not_token', async () => put(world, free))

    const findings = await audit(ports)

    expect(lostTo(outcomes)).toEqual(['slot_has_not_token'])
    expect(findings.tokens).toBe(before === 'free' ? 1 : 0)
    expect(itemAt(world, { PK: 'F#linux', SK: text(free, 'token') })).toBeDefined()
  },
)

test('slot_as_read: a slot gives up its copies as it was read, or not at all', async () => {
  const { world } = await freeWorld(0)
  const free = slotSeen(world, 'alpha', 0, 'free')
  await world.ask()

  const outcome = await reclaimSlot(world.ports, free)

  expect(lostTo([outcome])).toContain('slot_as_read')
  expect(violations(world.table.items())).toEqual([])
})
