import { expect, test } from 'vitest'
import { releaseLease } from '../../lib/app/leases/release-lease.ts'
import { audit } from '../../lib/app/repair/audit/audit.ts'
import { leaseKey, permitKey, slotKey, timerKey } from '../../lib/app/store/keys.ts'
import { violations } from '../support/invariants.ts'
import { holder, openWorld } from '../support/world.ts'
import { activeWorld, waitingWorld } from './races/arrange.ts'
import { late, lostTo } from './support/late.ts'
import { itemAt, put, remove, seen, set, statesNow } from './support/look.ts'

const NOTHING = { slots: 0, tokens: 0, waiters: 0, timers: 0, permits: 0, leases: 0, copies: 0, failed: 0 }

test('more of anything than is read at once is looked at to the end', async () => {
  const { world } = await waitingWorld(1)
  for (let count = 0; count < 1_200; count++) {
    const lease = `01JNOBODY${count}`
    await put(world, { ...permitKey('acme', 5_000 + count), lease })
    await put(world, {
      PK: 'Q#linux',
      SK: `X#${String(count).padStart(15, '0')}#L`,
      lease,
      blueprint: 'linux',
    })
  }

  const findings = await audit(world.ports)

  expect(findings).toEqual({ ...NOTHING, permits: 1_200, waiters: 1_200 })
  expect(violations(world.table.items())).toEqual([])
})

test('a place in a pool in which its lease does not wait is dropped', async () => {
  const { world, ids } = await waitingWorld(1, { pools: { mac: { mini: 1 } } })
  const lease = await seen(world, ids[0] ?? '', 'pending')
  await put(world, { PK: 'Q#mac', SK: lease.waiters['linux'] ?? '', lease: lease.id, blueprint: 'linux' })

  const findings = await audit(world.ports)

  expect(findings).toEqual({ ...NOTHING, waiters: 1 })
  expect(violations(world.table.items())).toEqual([])
})

test('a lease that lives and has lost both its timer and its place is found by its permit', async () => {
  const { world, ids } = await waitingWorld(1)
  const lease = await seen(world, ids[0] ?? '', 'pending')
  await remove(world, timerKey(lease.id, lease.timer))
  await remove(world, { PK: 'Q#linux', SK: lease.waiters['linux'] ?? '' })

  const findings = await audit(world.ports)

  expect(findings).toEqual({ ...NOTHING, timers: 1, waiters: 1 })
  expect(violations(world.table.items())).toEqual([])
})

test('a lease that lives and has lost its permit is found by its timer', async () => {
  const { world, holding } = await waitingWorld(0)
  const lease = await seen(world, holding, 'acquired')
  await remove(world, permitKey('acme', lease.permit))

  const findings = await audit(world.ports)

  expect(findings).toEqual({ ...NOTHING, permits: 1 })
  expect(itemAt(world, permitKey('acme', lease.permit))).toMatchObject({ lease: holding })
})

test.each(['released', 'kept'] as const)('a lease that is %s is looked at like any other', async (status) => {
  const { world, lease } = await activeWorld()
  if (status === 'released') await releaseLease(world.ports, holder(lease.id), lease.id, 'ok')
  else await set(world, leaseKey(lease.id), { status, holdUntil: world.ports.clock.now() })

  const findings = await audit(world.ports)

  expect(findings).toEqual(NOTHING)
  expect((await world.lease(lease.id)).status).toBe(status)
})

test('a lease whose slot is not its own, and which ends while that is found out, ends as it would have', async () => {
  const { world, lease } = await activeWorld()
  await set(world, slotKey('alpha', 0), { state: 'dirty' })
  const { ports, outcomes } = late(world, 'lease_unchanged', async () =>
    releaseLease(world.ports, holder(lease.id), lease.id, 'ok'),
  )

  const findings = await audit(ports)

  expect(lostTo(outcomes)).toContain('lease_unchanged')
  expect(findings).toEqual(NOTHING)
  expect(await world.lease(lease.id)).toMatchObject({ status: 'released', reason: 'released' })
})

test('a slot that is held at another epoch than its lease knows is cleaned, and its lease is told', async () => {
  const { world, lease } = await activeWorld()
  await set(world, slotKey('alpha', 0), { epoch: 99 })

  const findings = await audit(world.ports)
  const found = statesNow(world, 'alpha')
  world.halt(false)
  await world.settle()

  expect(findings).toEqual({ ...NOTHING, slots: 1, leases: 1 })
  expect(found).toEqual(['dirty'])
  expect(await world.lease(lease.id)).toMatchObject({ status: 'destroyed', reason: 'host_lost' })
  expect(violations(world.table.items())).toEqual([])
})

test('an item that somebody broke by hand is told, and does not keep the audit from the others', async () => {
  const world = await openWorld({ hosts: { alpha: 1, beta: 1 } })
  await world.ask()
  await world.settle()
  const anyhow = { name: 'by hand', all: [] }
  const slot = world.table.items().find((item) => item.SK.startsWith('S#') && item['state'] === 'held')
  const token = world.table.items().find((item) => item.PK.startsWith('F#'))
  if (!slot || !token) throw new Error('not as arranged')
  const { lease: _, ...broken } = slot
  await world.table.write({ kind: 'put', item: { ...broken, PK: slot.PK, SK: slot.SK }, when: anyhow })
  await world.table.write({ kind: 'put', item: { ...token, SK: `stray#${token.SK}` }, when: anyhow })

  const findings = await audit(world.ports)

  expect(findings).toMatchObject({ failed: 1, tokens: 1 })
})
