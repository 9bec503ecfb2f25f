import { expect, test } from 'vitest'
import { createLease } from '../../lib/app/leases/create-lease.ts'
import { releaseLease } from '../../lib/app/leases/release-lease.ts'
import { sweep } from '../../lib/app/repair/sweep/sweep.ts'
import { slotOf } from '../../lib/app/store/slot-item.ts'
import { freeSlot } from '../../lib/app/transactions/finish.ts'
import { violations } from '../support/invariants.ts'
import { CI, holder, openWorld } from '../support/world.ts'

const QUIET = {
  due: 0,
  ended: 0,
  restarted: 0,
  orphans: 0,
  served: 0,
  unclean: 0,
  astray: 0,
  tidied: 0,
  misplaced: 0,
  quarantined: 0,
  failed: 0,
}

test('a sweep over an orderly world finds nothing', async () => {
  const world = await openWorld()
  const { leaseId } = await world.ask()
  await world.settle()
  await releaseLease(world.ports, holder(leaseId), leaseId, 'ok')
  await world.settle()

  const findings = await sweep(world.ports)

  expect(findings).toEqual(QUIET)
})

test('expiry is acted on by the sweep when no execution is at work', async () => {
  const world = await openWorld()
  const { leaseId } = await world.ask({ durations: { ttl: 60_000 } })
  await world.settle()
  world.halt(true)
  await world.advance(120_000)

  const findings = await sweep(world.ports)
  const ended = await world.lease(leaseId)
  world.halt(false)
  await world.settle()

  expect(findings).toMatchObject({ due: 1, ended: 1 })
  expect(ended).toMatchObject({ status: 'released', reason: 'expired' })
  expect((await world.lease(leaseId)).status).toBe('destroyed')
  expect(violations(world.table.items())).toEqual([])
})

test('a lease whose execution was never started is started by the sweep', async () => {
  const world = await openWorld()
  const lost = {
    ...world.ports,
    executions: { ...world.ports.executions, ensureLease: async () => undefined },
  }
  const demand = { blueprint: 'linux', priority: 0, durations: {} }
  const created = await createLease(lost, CI, demand, { hash: 'h', requestHash: 'r' })
  await world.settle()
  const leaseId = created.ok ? created.value.leaseId : ''
  const before = await world.lease(leaseId)
  await world.advance(31_000)

  await sweep(world.ports)
  await world.settle()

  expect(before.status).toBe('acquired')
  expect((await world.lease(leaseId)).status).toBe('active')
})

test('a waiting lease is looked at once after half a minute, then not before its deadline', async () => {
  const world = await openWorld()
  await world.ask({ durations: { ttl: 3_600_000 } })
  await world.ask({ durations: { wait: 1_800_000 } })
  await world.settle()
  await world.advance(60_000)

  const first = await sweep(world.ports)
  const second = await sweep(world.ports)

  expect(first).toMatchObject({ due: 1 })
  expect(second).toEqual(QUIET)
  expect(violations(world.table.items())).toEqual([])
})

test('a free slot and a waiter that nobody brought together are matched by the sweep', async () => {
  const world = await openWorld({ hosts: { alpha: 1 } })
  const first = await world.ask()
  const second = await world.ask()
  await world.settle()
  await releaseLease(world.ports, holder(first.leaseId), first.leaseId, 'ok')
  const released = await world.lease(first.leaseId)
  const slot = world.table.items().find((item) => item.SK === 'S#000')
  const held = slot && slotOf(slot)
  if (released.status !== 'released' || held?.state !== 'held') throw new Error('not as arranged')
  await freeSlot(world.ports, released, held, {
    now: world.ports.clock.now(),
    actor: 'a handler that died after T3',
  })

  const findings = await sweep(world.ports)
  await world.settle()

  expect(findings.served).toBe(1)
  expect((await world.lease(second.leaseId)).status).toBe('active')
  expect(violations(world.table.items())).toEqual([])
})

test('a dirty slot that nobody cleans is cleaned after the sweep saw it', async () => {
  const world = await openWorld()
  world.halt(true)
  const { leaseId } = await world.ask()
  world.halt(false)
  await world.settle()
  const failed = { kind: 'failed', fault: 'host', code: 'unreachable', detail: 'gone' } as const
  for (let count = 0; count < 12; count++) world.hosts.answerNext('close', failed)
  await releaseLease(world.ports, holder(leaseId), leaseId, 'ok')
  await world.settle()

  const findings = await sweep(world.ports)
  await world.advance(600_000)

  expect(findings.unclean).toBe(1)
  expect(await sweep(world.ports)).toEqual(QUIET)
  expect(violations(world.table.items())).toEqual([])
})
