import { expect, test } from 'vitest'
import { applyConfig } from '../../../lib/app/config/apply-config.ts'
import { loseHost } from '../../../lib/app/fleet/lose-host.ts'
import { releaseLease } from '../../../lib/app/leases/release-lease.ts'
import { sweep } from '../../../lib/app/repair/sweep/sweep.ts'
import { hostKey, leaseKey } from '../../../lib/app/store/keys.ts'
import { violations } from '../../support/invariants.ts'
import { catalogue, holder, openWorld } from '../../support/world.ts'
import { late, lostTo } from '../support/late.ts'
import { by, hostNow, itemAt, leasesNow, seen, set, statesNow } from '../support/look.ts'

test('of a lost host, what was active is broken and says so, and what was not yet goes on elsewhere from its place', async () => {
  const world = await openWorld({ hosts: { alpha: 2 } })
  const active = await world.ask()
  await world.settle()
  world.halt(true)
  const acquired = await seen(world, (await world.ask()).leaseId, 'acquired')

  const lost = await loseHost(world.ports, 'alpha', 'its rack burnt down', by(world))

  expect(lost).toMatchObject({ ok: true, value: { state: 'disabled', reason: 'its rack burnt down' } })
  expect(await world.lease(active.leaseId)).toMatchObject({
    status: 'broken',
    reason: 'host_lost',
    detail: 'its rack burnt down',
  })
  expect(await world.lease(acquired.id)).toMatchObject({
    status: 'pending',
    waiters: acquired.waiters,
    failures: [{ host: 'alpha', code: 'host_lost', detail: 'its rack burnt down' }],
  })
  expect(violations(world.table.items())).toEqual([])
})

test('whoever waits for a lost host is served by another one as soon as there is room', async () => {
  const world = await openWorld({ hosts: { alpha: 1 }, pools: {} })
  const first = await world.ask()
  const second = await world.ask()
  await world.settle()

  await loseHost(world.ports, 'alpha', 'gone', by(world))
  await world.settle()

  expect(await world.lease(first.leaseId)).toMatchObject({ status: 'destroyed', reason: 'host_lost' })
  expect((await world.lease(second.leaseId)).status).toBe('pending')
  expect(statesNow(world, 'alpha')).toEqual(['withheld'])
  expect(violations(world.table.items())).toEqual([])
})

test('a lease that was kept on a lost host is broken like an active one', async () => {
  const world = await openWorld()
  const { leaseId } = await world.ask()
  await world.settle()
  world.halt(true)
  const holdUntil = world.ports.clock.now() + 60_000
  await set(world, leaseKey(leaseId), { status: 'kept', holdUntil })

  await loseHost(world.ports, 'alpha', 'gone', by(world))

  expect(await world.lease(leaseId)).toMatchObject({ status: 'broken', reason: 'host_lost' })
})

test('a lease that is over already ends as it would have', async () => {
  const world = await openWorld()
  const { leaseId } = await world.ask()
  await world.settle()
  world.halt(true)
  await releaseLease(world.ports, holder(leaseId), leaseId, 'ok')

  await loseHost(world.ports, 'alpha', 'gone', by(world))
  world.halt(false)
  await world.settle()

  expect(await world.lease(leaseId)).toMatchObject({ status: 'destroyed', reason: 'released' })
})

test('a loss that a lease escapes by its own end is not told to it', async () => {
  const world = await openWorld()
  const { leaseId } = await world.ask()
  await world.settle()
  world.halt(true)
  const { ports, outcomes } = late(world, 'lease_unchanged', async () =>
    releaseLease(world.ports, holder(leaseId), leaseId, 'ok'),
  )

  await loseHost(ports, 'alpha', 'gone', by(world))

  expect(lostTo(outcomes)).toContain('lease_unchanged')
  expect(await world.lease(leaseId)).toMatchObject({ status: 'released', reason: 'released' })
})

test('a slot whose lease is not there, or is elsewhere by now, tells nobody', async () => {
  const world = await openWorld({ hosts: { alpha: 2 } })
  const one = await world.ask()
  const other = await world.ask()
  await world.settle()
  world.halt(true)
  await set(world, leaseKey(one.leaseId), { epoch: 99 })
  const { PK, SK } = itemAt(world, leaseKey(other.leaseId))
  await world.table.write({ kind: 'delete', key: { PK, SK }, when: { name: 'by hand', all: [] } })

  await loseHost(world.ports, 'alpha', 'gone', by(world))

  expect((await world.lease(one.leaseId)).status).toBe('active')
  expect(hostNow(world, 'alpha').state).toBe('disabled')
})

test('a host that is not there cannot be lost', async () => {
  const world = await openWorld()

  const refused = await loseHost(world.ports, 'nowhere', 'gone', by(world))

  expect(refused).toMatchObject({ ok: false, refusal: { refused: 'not_found' } })
})

test('a loss that never gets through is left to whoever tries again', async () => {
  const world = await openWorld()
  const { leaseId } = await world.ask()
  await world.settle()
  world.halt(true)
  const lease = await seen(world, leaseId, 'active')
  const transact: typeof world.table.transact = async (opId, writes) =>
    writes.some((write) => write.kind === 'update' && write.key.PK === `L#${lease.id}`)
      ? { committed: false, lost: [] }
      : world.table.transact(opId, writes)

  const lost = loseHost({ ...world.ports, table: { ...world.table, transact } }, 'alpha', 'gone', by(world))

  await expect(lost).rejects.toThrow('lost 100 races in a row')
})

test('a host that is lost while it leaves tells its holders, and leaves', async () => {
  const world = await openWorld({ hosts: { alpha: 1, beta: 1 } })
  for (let count = 0; count < 2; count++) await world.ask()
  await world.settle()
  await applyConfig(world.ports, catalogue({ hosts: { beta: 1 } }), { dryRun: false, remove: true })

  const lost = await loseHost(world.ports, 'alpha', 'it burns', by(world))
  await world.settle()
  await sweep(world.ports)

  expect(lost).toMatchObject({ ok: true, value: { state: 'destroyed', lost: true } })
  expect(leasesNow(world, 'destroyed')).toMatchObject([{ reason: 'host_lost', slot: { host: 'alpha' } }])
  expect(world.table.items().some((item) => item.PK === 'H#alpha')).toBe(false)
  expect(violations(world.table.items())).toEqual([])
})

test('a host that was lost while it left is another one when it is registered again', async () => {
  const world = await openWorld({ hosts: { alpha: 1, beta: 1 } })
  for (let count = 0; count < 2; count++) await world.ask()
  await world.settle()
  await applyConfig(world.ports, catalogue({ hosts: { beta: 1 } }), { dryRun: false, remove: true })
  world.halt(true)
  await loseHost(world.ports, 'alpha', 'it burns', by(world))

  const both = catalogue({ hosts: { alpha: 1, beta: 1 } })
  await applyConfig(world.ports, both, { dryRun: false, remove: false })
  world.halt(false)
  await world.settle()
  const { leaseId } = await world.ask()
  await world.settle()
  await sweep(world.ports)

  expect(hostNow(world, 'alpha')).not.toMatchObject({ lost: true })
  expect(hostNow(world, 'alpha')).not.toMatchObject({ reason: 'it burns' })
  expect(await world.lease(leaseId)).toMatchObject({ status: 'active', slot: { host: 'alpha' } })
})

test('the sweep tells the holders of a lost host that leaves, where nobody has come to that', async () => {
  const world = await openWorld({ hosts: { alpha: 1 } })
  const { leaseId } = await world.ask()
  await world.settle()
  await set(world, hostKey('alpha'), { state: 'destroyed', lost: true, reason: 'it burns' })

  await sweep(world.ports)

  expect(await world.lease(leaseId)).toMatchObject({ reason: 'host_lost', detail: 'it burns' })
})
