import { expect, test } from 'vitest'
import { audit } from '../../../lib/app/repair/audit/audit.ts'
import { text } from '../../../lib/app/store/attributes.ts'
import { reclaimSlot } from '../../../lib/app/transactions/reclaim.ts'
import { violations } from '../../support/invariants.ts'
import { late, lostTo } from '../support/late.ts'
import { itemAt, put, remove, slotSeen } from '../support/look.ts'
import { freeWorld } from './arrange.ts'

const NOTHING = { slots: 0, tokens: 0, waiters: 0, timers: 0, permits: 0, leases: 0, failed: 0 }

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

test('slot_free: a slot gives up its copies as it was read, or not at all', async () => {
  const { world } = await freeWorld(0)
  const free = slotSeen(world, 'alpha', 0, 'free')
  await world.ask()

  const outcome = await reclaimSlot(world.ports, free)

  expect(lostTo([outcome])).toContain('slot_free')
  expect(violations(world.table.items())).toEqual([])
})
