import { expect, test } from 'vitest'
import { destroyLease } from '../../lib/app/lifecycle/destroy.ts'
import { finalizeLease } from '../../lib/app/lifecycle/finalize.ts'
import { releaseLease } from '../../lib/app/leases/release-lease.ts'
import type { Ports } from '../../lib/app/ports/ports.ts'
import { repair } from '../../lib/app/repair/repair.ts'
import { sweep } from '../../lib/app/repair/sweep/sweep.ts'
import { leaseKey } from '../../lib/app/store/keys.ts'
import { slotOf } from '../../lib/app/store/slot-item.ts'
import { freeSlot } from '../../lib/app/transactions/finish.ts'
import type { World } from '../support/world.ts'
import { CI, holder, openWorld } from '../support/world.ts'

const executing = (world: World, changes: Partial<Ports['executions']>): Ports => ({
  ...world.ports,
  executions: { ...world.ports.executions, ...changes },
})

/** Released by its holder, and freed by a handler that died before it told anybody. */
async function freedInSilence(world: World, leaseId: string): Promise<void> {
  world.halt(true)
  await releaseLease(world.ports, holder(leaseId), leaseId, 'ok')
  const released = await world.lease(leaseId)
  const item = world.table.items().find((one) => one.SK === 'S#000')
  const slot = item && slotOf(item)
  if (released.status !== 'released' || slot?.state !== 'held') throw new Error('not as arranged')
  await freeSlot(world.ports, released, slot, { now: world.ports.clock.now(), actor: 'who dies now' })
}

test('a token stays where it could not be given, and the next look gives it', async () => {
  const world = await openWorld()
  const first = await world.ask()
  await world.settle()
  const second = await world.ask()
  await world.settle()
  await freedInSilence(world, first.leaseId)
  const away = executing(world, {
    awaken: async () => {
      throw new Error('throttled')
    },
  })

  await repair(away, second.leaseId)
  const token = (await world.ports.table.get(leaseKey(second.leaseId)))?.['taskToken']
  world.halt(false)
  await world.advance(31_000)
  await sweep(world.ports)
  await world.settle()

  expect(token).toBeTypeOf('string')
  expect((await world.lease(second.leaseId)).status).toBe('active')
})

test('a repair that serves a waiter leaves the timer of its next step alone', async () => {
  const world = await openWorld()
  const first = await world.ask()
  await world.settle()
  const second = await world.ask({ durations: { wait: 86_400_000 } })
  await world.settle()
  await freedInSilence(world, first.leaseId)

  await repair(world.ports, second.leaseId)

  const lease = await world.lease(second.leaseId)
  expect(lease.status).toBe('acquired')
  expect('timer' in lease && lease.timer - world.ports.clock.now()).toBeLessThanOrEqual(30_000)
})

test('the execution of a waiting lease is told when the lease is cancelled', async () => {
  const world = await openWorld()
  await world.ask()
  const { leaseId } = await world.ask()
  await world.settle()
  const told: string[] = []
  const ports = executing(world, { awaken: async (token) => void told.push(token) })

  await releaseLease(ports, holder(leaseId), leaseId, 'ok')

  expect(told).toHaveLength(1)
  expect(await world.ports.table.get(leaseKey(leaseId))).not.toHaveProperty('taskToken')
})

test('an active lease whose execution is gone gets another one', async () => {
  const world = await openWorld()
  const { leaseId } = await world.ask()
  await world.settle()
  const ensured: string[] = []

  await repair(executing(world, { ensureLease: async (id) => void ensured.push(id) }), leaseId)

  expect(ensured).toEqual([leaseId])
})

test('a lease whose slot is not its own any more is broken as host_lost, not decided about for ever', async () => {
  const world = await openWorld()
  world.halt(true)
  const { leaseId } = await world.ask()
  const when = { name: 'by hand', all: [] }
  await world.ports.table.write({
    kind: 'update',
    key: { PK: 'H#alpha', SK: 'S#000' },
    set: { epoch: 99 },
    when,
  })

  world.halt(false)
  await world.settle()

  expect(await world.lease(leaseId)).toMatchObject({ status: 'destroyed', reason: 'host_lost' })
})

test('a rebooted host costs its next lease no verdict, however many slots it has', async () => {
  const world = await openWorld({ hosts: { alpha: 5 } })
  world.hosts.reimage('alpha')

  const { leaseId } = await world.ask({}, CI)
  await world.settle()
  await world.advance(5_000)

  expect((await world.lease(leaseId)).status).toBe('active')
})

test('one pool that cannot be served does not keep the sweep from the rest', async () => {
  const world = await openWorld({ hosts: { alpha: 1 } })
  const first = await world.ask()
  const second = await world.ask()
  await world.settle()
  await freedInSilence(world, first.leaseId)
  await world.advance(31_000)
  const table = {
    ...world.ports.table,
    query: async (query: Parameters<Ports['table']['query']>[0]) => {
      if (query.PK === 'Q#linux') throw new Error('throttled')
      return world.ports.table.query(query)
    },
  }

  const findings = await sweep({ ...world.ports, table })

  expect(findings.failed).toBeGreaterThan(0)
  expect(findings.due).toBeGreaterThan(0)
  expect((await world.lease(second.leaseId)).status).toBe('pending')
})

test('what keeps the hosts of a pool from serving is told to who waits, and when the wait ends', async () => {
  const world = await openWorld({ hosts: { alpha: 1 } })
  const first = await world.ask()
  const second = await world.ask({ durations: { wait: 60_000 } })
  await world.settle()
  const mismatch = {
    kind: 'failed',
    fault: 'host',
    code: 'host_key_mismatch',
    detail: 'another key',
  } as const
  for (const verb of ['close', 'probe'] as const) {
    for (let count = 0; count < 40; count++) world.hosts.answerNext(verb, mismatch)
  }

  await releaseLease(world.ports, holder(first.leaseId), first.leaseId, 'ok')
  await world.advance(90_000)

  expect(await world.lease(second.leaseId)).toMatchObject({
    reason: 'wait_timeout',
    detail: 'host alpha: host_key_mismatch',
  })
})

test('a finalization that died after it handed the slot on is made up for by its own retry', async () => {
  const world = await openWorld()
  const first = await world.ask()
  await world.settle()
  const second = await world.ask()
  await world.settle()
  world.halt(true)
  await releaseLease(world.ports, holder(first.leaseId), first.leaseId, 'ok')
  await destroyLease(world.ports, first.leaseId)
  const dies = executing(world, {
    awaken: async () => {
      throw new Error('died')
    },
  })
  await finalizeLease(dies, first.leaseId, true)
  const before = (await world.lease(second.leaseId)).status

  await finalizeLease(world.ports, first.leaseId, true)
  world.halt(false)
  await world.settle()

  expect(before).toBe('acquired')
  expect((await world.lease(second.leaseId)).status).toBe('active')
})

test('a finalization that died after it freed the slot serves who came meanwhile when it is tried again', async () => {
  const world = await openWorld()
  const first = await world.ask()
  await world.settle()
  const second = await world.ask()
  await world.settle()
  await freedInSilence(world, first.leaseId)
  const before = (await world.lease(second.leaseId)).status

  await finalizeLease(world.ports, first.leaseId, true)
  world.halt(false)
  await world.settle()

  expect(before).toBe('pending')
  expect((await world.lease(second.leaseId)).status).toBe('active')
})
