import { expect, test } from 'vitest'
import { createLease } from '../../lib/app/leases/create-lease.ts'
import { releaseLease } from '../../lib/app/leases/release-lease.ts'
import { tellWork } from '../../lib/app/lifecycle/tell-work.ts'
import { runCommand } from '../../lib/app/commands/run-command.ts'
import { workLives, workUnchanged } from '../../lib/app/store/conditions/work.ts'
import { workKey } from '../../lib/app/store/keys.ts'
import { moveWork } from '../../lib/app/transactions/move-work.ts'
import { principalOf, workOf } from '../../lib/domain/work.ts'
import type { World } from '../support/world.ts'
import { holder, openWorld } from '../support/world.ts'
import { itemAt } from './support/look.ts'
import { beginSome, stepOf, WORK_ID } from './support/works.ts'

const OWNER = { principal: principalOf('landing', WORK_ID), tenant: 'acme', scopes: ['lease'] } as const
const LEASE = '01J8ZB2WJ3N3W5V6G7Q8R9S0T2'
const KEY = { hash: 'g1', requestHash: 'same' }
const DEMAND = { blueprint: 'linux', priority: 0, durations: {} }
const told = (world: World) => Number(itemAt(world, workKey('landing', WORK_ID))['told'])
const birth = (version: number) => ({
  id: LEASE,
  while: {
    kind: 'check',
    key: workKey('landing', WORK_ID),
    when: workUnchanged(version, 'waiting'),
  } as const,
})

test('the owner of a lease names the work that made it, and nobody else does', () => {
  expect(workOf(principalOf('build', WORK_ID))).toEqual({ kind: 'build', id: WORK_ID })
  expect(workOf(principalOf('landing', WORK_ID))).toEqual({ kind: 'landing', id: WORK_ID })
  for (const other of ['api-token/ci', `lease/${WORK_ID}`, 'build/x', `a/build/${WORK_ID}`]) {
    expect(workOf(other)).toBeUndefined()
  }
})

test('work is told when its lease becomes active, when a command in it ends and when it is over', async () => {
  const world = await openWorld()
  await beginSome(world)
  const counts: number[] = []

  await createLease(world.ports, OWNER, DEMAND, KEY, birth(1))
  await world.settle()
  counts.push(told(world))
  const demand = { argv: ['make'], environment: {}, timeoutSeconds: 60, directory: '.' }
  await runCommand(world.ports, holder(LEASE), LEASE, demand, { hash: 'c', requestHash: 'c' })
  await world.advance(5_000)
  counts.push(told(world))
  await releaseLease(world.ports, holder(LEASE), LEASE, 'ok')
  await world.settle()
  counts.push(told(world))

  expect((await world.lease(LEASE)).status).toBe('destroyed')
  expect(counts).toEqual(counts.toSorted((a, b) => a - b))
  expect(new Set([0, ...counts]).size).toBe(4)
})

test('a lease is born only while the work wants it, with the id that the work knows', async () => {
  const world = await openWorld()
  const work = await beginSome(world)
  await world.table.transact('m', moveWork('m', 'landing', work, stepOf(work, 'ended', work.timer)))

  const refused = await createLease(world.ports, OWNER, DEMAND, KEY, birth(1))

  expect(refused).toMatchObject({ ok: false, refusal: { refused: 'conflict', leaseId: LEASE } })
  expect(world.table.items().some(({ PK }) => PK.startsWith('L#') || PK.startsWith('P#'))).toBe(false)
})

test('born twice, it is the same lease', async () => {
  const world = await openWorld()
  await beginSome(world)

  const first = await createLease(world.ports, OWNER, DEMAND, KEY, birth(1))
  const second = await createLease(world.ports, OWNER, DEMAND, KEY, birth(1))

  expect(first).toMatchObject({ ok: true, value: { leaseId: LEASE, replayed: false } })
  expect(second).toMatchObject({ ok: true, value: { leaseId: LEASE, replayed: true } })
})

test('who waits is awakened once, and its token is gone then', async () => {
  const world = await openWorld()
  await beginSome(world)
  const awakened: string[] = []
  const executions = { ...world.ports.executions, awaken: async (token: string) => void awakened.push(token) }
  const ports = { ...world.ports, executions }
  const key = workKey('landing', WORK_ID)
  await world.table.write({ kind: 'update', key, set: { taskToken: 't-1' }, when: workLives })

  await tellWork(ports, 'landing', WORK_ID)
  await tellWork(ports, 'landing', WORK_ID)

  expect(awakened).toEqual(['t-1'])
  expect(itemAt(world, key)).toMatchObject({ told: 2 })
})

test('who cannot be awakened keeps its token, and nothing fails', async () => {
  const world = await openWorld()
  await beginSome(world)
  const executions = { ...world.ports.executions, awaken: async () => Promise.reject(new Error('throttled')) }
  const key = workKey('landing', WORK_ID)
  await world.table.write({ kind: 'update', key, set: { taskToken: 't-1' }, when: workLives })

  await tellWork({ ...world.ports, executions }, 'landing', WORK_ID)

  expect(itemAt(world, key)).toMatchObject({ told: 1, taskToken: 't-1' })
})
