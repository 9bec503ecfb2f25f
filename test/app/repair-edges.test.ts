import { expect, test } from 'vitest'
import { changeHost } from '../../lib/app/fleet/change-host.ts'
import { runCommand } from '../../lib/app/commands/run-command.ts'
import { releaseLease } from '../../lib/app/leases/release-lease.ts'
import type { Ports } from '../../lib/app/ports/ports.ts'
import { repair } from '../../lib/app/repair/repair.ts'
import { sweep } from '../../lib/app/repair/sweep/sweep.ts'
import { hostKey, leaseKey, registryKey } from '../../lib/app/store/keys.ts'
import { violations } from '../support/invariants.ts'
import type { World } from '../support/world.ts'
import { holder, openWorld } from '../support/world.ts'
import { activeWorld, waitingWorld } from './races/arrange.ts'
import { late } from './support/late.ts'
import { by, itemAt, put, remove, seen, set } from './support/look.ts'

const MINUTE = 60_000
const NOWHERE = '01J00000000000000000000ZZZ'

const executing = (world: World, changes: Partial<Ports['executions']>): Ports => ({
  ...world.ports,
  executions: { ...world.ports.executions, ...changes },
})

test('a kept lease is given an execution, and looked at again when its time is over', async () => {
  const { world, lease } = await activeWorld()
  const holdUntil = world.ports.clock.now() + 5 * MINUTE
  await set(world, leaseKey(lease.id), { status: 'kept', holdUntil })
  const ensured: string[] = []

  const done = await repair(executing(world, { ensureLease: async (id) => void ensured.push(id) }), lease.id)
  const kept = await seen(world, lease.id, 'kept')
  await world.advance(5 * MINUTE)
  const over = await repair(world.ports, lease.id)

  expect([done, over]).toEqual(['nothing', 'ended'])
  expect(ensured).toEqual([lease.id])
  expect(kept.timer).toBe(holdUntil + 30_000)
  expect(await world.lease(lease.id)).toMatchObject({ status: 'released', reason: 'expired' })
  expect(violations(world.table.items())).toEqual([])
})

test('a lease that is gone has its commands looked after, and nothing else', async () => {
  const world = await openWorld({ fakeHosts: { command: () => 'hang' } })
  const { leaseId } = await world.ask()
  await world.settle()
  const demand = { argv: ['make'], environment: {}, timeoutSeconds: 60, directory: '.' }
  await runCommand(world.ports, holder(leaseId), leaseId, demand, { hash: 'k', requestHash: 'r' })
  const dead = executing(world, { ensureCommand: async () => undefined })
  world.halt(true)
  await releaseLease(dead, holder(leaseId), leaseId, 'ok')
  await set(world, leaseKey(leaseId), { status: 'destroyed' })
  const ensured: number[] = []

  const done = await repair(
    executing(world, { ensureCommand: async (_, number) => void ensured.push(number) }),
    leaseId,
  )

  expect(done).toBe('gone')
  expect(ensured).toEqual([1])
})

test('a deadline that somebody else acts on at the same moment is acted on once', async () => {
  const { world, lease } = await activeWorld()
  await world.advance(lease.ttl)
  const { ports } = late(world, 'lease_expired', async () => repair(world.ports, lease.id))

  const done = await repair(ports, lease.id)

  expect(done).toBe('nothing')
  expect((await seen(world, lease.id, 'released')).version).toBe(lease.version + 1)
  expect(violations(world.table.items())).toEqual([])
})

test('more timers than are read at once are all looked at', async () => {
  const world = await openWorld()
  for (let count = 0; count < 450; count++) {
    const SK = `${String(count).padStart(15, '0')}#${NOWHERE}`
    await put(world, { PK: 'T#2', SK, lease: NOWHERE })
  }

  const findings = await sweep(world.ports)

  expect(findings).toMatchObject({ due: 450, orphans: 450, failed: 0 })
  expect(world.table.items().some((item) => item.PK.startsWith('T#'))).toBe(false)
})

test('more leases of one shard than are read at once are all looked at, though none of them goes away', async () => {
  const { world } = await waitingWorld(0)
  for (let count = 0; count < 450; count++) await put(world, timerOf(count))
  const looked = new Set<string>()
  const get: Ports['table']['get'] = async (key) => {
    if (key.PK.startsWith('L#Z')) looked.add(key.PK)
    if (key.PK.startsWith('L#Z')) throw new Error('throttled')
    return world.ports.table.get(key)
  }

  const findings = await sweep({ ...world.ports, table: { ...world.ports.table, get } })

  expect(looked.size).toBe(450)
  expect(findings).toMatchObject({ due: 450, failed: 450 })
})

const timerOf = (count: number) => {
  const lease = `Z${String(count).padStart(4, '0')}`
  return { PK: 'T#3', SK: `${String(count).padStart(15, '0')}#${lease}`, lease }
}

test('a sweep that has no time left leaves the rest to the next one', async () => {
  const { world } = await waitingWorld(30)
  await world.advance(MINUTE)
  const slow = executing(world, {
    ensureLease: async (id) => {
      await world.ports.clock.sleep(20_000)
      await world.ports.executions.ensureLease(id)
    },
  })

  const first = await sweep(slow)
  const second = await sweep(world.ports)

  expect(first.due).toBeLessThan(31)
  expect(first.due + second.due).toBeGreaterThanOrEqual(31)
})

test('a timer is not dropped when its lease is there after all', async () => {
  const { world, holding } = await waitingWorld(0)
  await world.advance(MINUTE)
  let reads = 0
  const get: Ports['table']['get'] = async (key) =>
    key.PK === `L#${holding}` && reads++ === 0 ? undefined : world.ports.table.get(key)

  const findings = await sweep({ ...world.ports, table: { ...world.ports.table, get } })

  expect(findings).toMatchObject({ due: 1, orphans: 0 })
  expect(violations(world.table.items())).toEqual([])
})

test('a timer of nobody that two sweeps find is counted by one', async () => {
  const world = await openWorld()
  const timer = { PK: 'T#0', SK: `000000000000001#${NOWHERE}`, lease: NOWHERE }
  await put(world, timer)
  const { ports } = late(world, 'still_there', async () => remove(world, timer))

  const findings = await sweep(ports)

  expect(findings).toMatchObject({ due: 1, orphans: 0 })
})

test('a timer of a lease that ended is dropped', async () => {
  const { world, lease } = await activeWorld()
  await set(world, leaseKey(lease.id), { status: 'destroyed' })
  await world.advance(lease.ttl + MINUTE)

  const findings = await sweep(world.ports)

  expect(findings.orphans).toBe(1)
})

test('a registered host that is not there is passed over', async () => {
  const world = await openWorld()
  await put(world, { ...registryKey('host', 'ghost'), name: 'ghost', pool: 'linux' })

  const findings = await sweep(world.ports)

  expect(findings).toMatchObject({ failed: 0, unclean: 0, astray: 0 })
})

test('a host that cannot be looked at does not keep the sweep from the others', async () => {
  const world = await openWorld({ hosts: { alpha: 1, beta: 1 } })
  await set(world, hostKey('beta'), { state: 'draining', changes: 1 })
  const query: Ports['table']['query'] = async (one) => {
    if (one.PK === 'H#alpha') throw new Error('throttled')
    return world.ports.table.query(one)
  }

  const findings = await sweep({ ...world.ports, table: { ...world.ports.table, query } })

  expect(findings).toMatchObject({ failed: 1, astray: 1 })
})

test('a pause that ends while an operator changes his mind is not ended', async () => {
  const world = await openWorld()
  const until = world.ports.clock.now() + MINUTE
  await changeHost(world.ports, 'alpha', { state: 'draining', until }, by(world))
  await world.advance(MINUTE)
  const { ports } = late(world, 'host_unchanged', async () =>
    changeHost(world.ports, 'alpha', { state: 'disabled', reason: 'sold' }, by(world)),
  )

  await sweep(ports)

  expect(itemAt(world, hostKey('alpha'))).toMatchObject({ state: 'disabled', reason: 'sold' })
})
