import { expect, test } from 'vitest'
import { abortBuild } from '../../../lib/app/builds/abort-build.ts'
import { driveBuild } from '../../../lib/app/builds/drive-build.ts'
import { notifyBuild } from '../../../lib/app/builds/notify-build.ts'
import { repairBuild } from '../../../lib/app/builds/repair-build.ts'
import { restartBuild } from '../../../lib/app/builds/restart-build.ts'
import { releaseLease } from '../../../lib/app/leases/release-lease.ts'
import { workUnchanged } from '../../../lib/app/store/conditions/work.ts'
import { buildStepKey, commandKey, idempotencyKey, leaseKey, workKey } from '../../../lib/app/store/keys.ts'
import type { Key } from '../../../lib/app/ports/table.ts'
import { CI } from '../../support/world.ts'
import type { World } from '../../support/world.ts'
import { build, buildNow, demandFor, openBuilds, step, tryBuild } from '../support/builds.ts'
import { late, lostTo } from '../support/late.ts'
import { OPERATOR } from '../support/look.ts'

const ANY = { name: 'any', all: [] }
const NOWHERE = '01J00000000000000000000000'
const drive = async (world: World, id: string, act: Parameters<typeof driveBuild>[3], faulty = false) =>
  driveBuild(world.ports, id, buildNow(world, id).generation, act, faulty)

async function leasesOf(world: World, leases: number): Promise<void> {
  await world.table.write({
    kind: 'put',
    item: { PK: 'TEN#acme', SK: 'META', name: 'acme', leases, most: Math.max(leases, 1), version: 1 },
    when: ANY,
  })
}

test('what is not there has nothing to do', async () => {
  const world = await openBuilds()

  const answers = [
    await driveBuild(world.ports, NOWHERE, 1, 'STEP'),
    await notifyBuild(world.ports, NOWHERE, 1, () => ({})),
    await repairBuild(world.ports, NOWHERE),
  ]

  expect(answers).toEqual([{ route: 'DONE' }, { route: 'DONE' }, 'gone'])
})

test('a state that does not fit the record is told where to go, and does nothing', async () => {
  const world = await openBuilds()
  const id = await build(world, [step('hang')])
  const waiting = [await drive(world, id, 'RELEASE'), await drive(world, id, 'RESULT')]
  await world.settle()
  const running = [await drive(world, id, 'LEASE'), await drive(world, id, 'RELEASE')]
  world.halt(true)
  await abortBuild(world.ports, CI, id)
  const releasing = [await drive(world, id, 'STEP'), await drive(world, id, 'RESULT')]
  world.halt(false)
  await world.settle()
  const ended = await drive(world, id, 'LEASE')

  expect(waiting.map(({ route }) => route)).toEqual(['LEASE', 'LEASE'])
  expect(running.map(({ route }) => route)).toEqual(['STEP', 'STEP'])
  expect(releasing.map(({ route }) => route)).toEqual(['RELEASE', 'RELEASE'])
  expect(ended).toEqual({ route: 'DONE' })
})

test('an execution of an earlier generation leaves the later one alone, but for seeing that somebody drives it', async () => {
  const world = await openBuilds()
  const id = await build(world, [step('hang')])
  await world.settle()
  await restartBuild(world.ports, CI, id, { hash: 'a', requestHash: 'r' })
  await world.settle()
  const before = buildNow(world, id)

  const route = await driveBuild(world.ports, id, 1, 'STEP')

  expect(route).toEqual({ route: 'DONE' })
  expect(buildNow(world, id)).toEqual(before)
})

test.each(['waiting', 'running'] as const)(
  'a fault that lasts ends a build that is %s, through the release of its lease',
  async (status) => {
    const world = await openBuilds()
    const id = await build(world, [step('hang')])
    if (status === 'running') await world.settle()
    const before = buildNow(world, id).status

    const route = await drive(world, id, 'RELEASE', true)
    await drive(world, id, 'RELEASE', true)
    await world.advance(400_000)

    expect(before).toBe(status)
    expect(route).toEqual({ route: 'RELEASE' })
    expect(buildNow(world, id)).toMatchObject({
      status: 'ended',
      verdict: { outcome: 'infrastructure', reason: 'fault' },
    })
    expect(world.hosts.running()).toEqual([])
  },
)

test('a tenant whose places are taken meanwhile gets its lease when one is free', async () => {
  const world = await openBuilds()
  const { ports } = late(world, 'not_there_yet', async () => leasesOf(world, 0))
  await tryBuild({ ...world, ports }, demandFor([step('ok')]))
  const [id = ''] = world.table
    .items()
    .flatMap(({ PK, SK }) => (SK === 'META' && PK.startsWith('BUILD#') ? [PK.slice(6)] : []))
  await world.settle()
  await world.advance(60_000)
  const before = {
    status: buildNow(world, id).status,
    lease: await world.ports.table.get(leaseKey(buildNow(world, id).leaseId)),
  }

  await leasesOf(world, 10)
  await world.advance(20_000)

  expect(before).toEqual({ status: 'waiting', lease: undefined })
  expect(buildNow(world, id)).toMatchObject({ status: 'ended', verdict: { outcome: 'succeeded' } })
})

test('a tenant whose places stay taken for as long as the build would wait is told so', async () => {
  const world = await openBuilds()
  const { ports } = late(world, 'not_there_yet', async () => leasesOf(world, 0))
  const made = await tryBuild({ ...world, ports }, demandFor([step('ok')], { lease: { wait: 60_000 } }))
  const id = made.ok ? made.value.id : ''

  await world.advance(90_000)

  expect(buildNow(world, id)).toMatchObject({
    status: 'ended',
    verdict: { outcome: 'infrastructure', reason: 'wait_timeout', detail: expect.stringContaining('quota') },
  })
})

test('a build whose repository is gone when its lease is asked for again is refused, not tried for ever', async () => {
  const world = await openBuilds()
  const id = await build(world, [step('ok')])
  await world.settle()
  await world.table.write({
    kind: 'delete',
    key: { PK: 'G#example', SK: 'META' },
    when: ANY,
  })

  await restartBuild(world.ports, CI, id, { hash: 'again', requestHash: 'r' })
  await world.settle()

  expect(buildNow(world, id)).toMatchObject({
    status: 'ended',
    generation: 2,
    verdict: { outcome: 'failed', reason: 'refused', detail: expect.stringContaining('unknown_repository') },
  })
})

test('a lease without a receipt is a fault of ours, and given back', async () => {
  const world = await openBuilds()
  const id = await build(world, [step('ok')])
  const { leaseId } = buildNow(world, id)
  const active = { id: leaseId, status: 'active', expiresAt: world.ports.clock.now() + 60_000 }
  const bare = {
    ...world.ports.table,
    get: async (key: Key) => (await world.table.get(key)) && asActive(key),
  }
  const asActive = async (key: Key) => {
    const item = await world.table.get(key)
    return item && key.PK === leaseKey(leaseId).PK ? { ...item, ...active } : item
  }

  const route = await driveBuild({ ...world.ports, table: bare }, id, 1, 'STEP')

  expect(route).toEqual({ route: 'RELEASE' })
  expect(buildNow(world, id)).toMatchObject({ verdict: { outcome: 'infrastructure', reason: 'fault' } })
})

test('an abort that meets a step of the execution reads again and ends what there is then', async () => {
  const world = await openBuilds()
  const id = await build(world, [step('takes 1000'), step('hang')])
  await world.settle()
  const { ports, outcomes } = late(world, 'work_unchanged', async () => world.advance(2_000))

  const answer = await abortBuild(ports, CI, id)
  await world.settle()

  expect(lostTo(outcomes)).toContain('work_unchanged')
  expect(answer).toMatchObject({ ok: true, value: { status: 'releasing' } })
  expect(buildNow(world, id)).toMatchObject({ status: 'ended', verdict: { outcome: 'aborted' } })
})

test('a step of the execution that meets an abort does not undo it', async () => {
  const world = await openBuilds()
  const id = await build(world, [step('takes 1000'), step('hang')])
  await world.settle()
  world.halt(true)
  await world.advance(2_000)
  world.halt(false)
  await world.settle()
  const before = buildNow(world, id)
  const { ports } = late(world, workUnchanged(0, '').name, async () => abortBuild(world.ports, OPERATOR, id))

  const route = await driveBuild(ports, id, 1, 'STEP', true)

  expect(before.status).toBe('running')
  expect(['RELEASE', 'RESULT', 'NOTIFY', 'DONE']).toContain(route.route)
  await world.settle()
  expect(buildNow(world, id)).toMatchObject({ status: 'ended', verdict: { reason: 'aborted' } })
})

test('a hundred generations are enough', async () => {
  const world = await openBuilds()
  const id = await build(world, [step('ok')])
  await world.settle()
  const key = workKey('build', id)
  await world.table.write({ kind: 'update', key, set: { generation: 100 }, when: ANY })

  const refused = await restartBuild(world.ports, CI, id, { hash: 'a', requestHash: 'r' })

  expect(refused).toMatchObject({ refusal: { refused: 'conflict' } })
})

test('a restart while the lease is given back keeps what the generation came to', async () => {
  const world = await openBuilds()
  const id = await build(world, [step('hang')])
  await world.settle()
  world.halt(true)
  await abortBuild(world.ports, CI, id)

  const asked = await restartBuild(world.ports, CI, id, { hash: 'a', requestHash: 'r' })
  world.halt(false)
  await world.settle()

  const kept = world.table.items().filter(({ SK }) => SK.startsWith('GEN#'))
  expect(asked).toMatchObject({ ok: true, value: { status: 'releasing', generation: 1 } })
  expect(kept.map(({ verdict }) => verdict)).toEqual([{ outcome: 'aborted', reason: 'aborted' }])
  expect(buildNow(world, id)).toMatchObject({ status: 'running', generation: 2 })
})

test('a key whose build is gone says so', async () => {
  const world = await openBuilds()
  const demand = demandFor([step('hang')])
  const made = await tryBuild(world, demand)
  const id = made.ok ? made.value.id : ''
  await world.table.write({ kind: 'delete', key: workKey('build', id), when: ANY })

  const gone = await tryBuild(world, demand)

  expect(await world.ports.table.get(idempotencyKey('api-token/ci', 'one'))).toMatchObject({ build: id })
  expect(gone).toMatchObject({ refusal: { refused: 'not_found' } })
})

test('two requests with one key at once make one build', async () => {
  const world = await openBuilds()
  const demand = demandFor([step('hang')])
  const { ports } = late(world, 'key_not_used', async () => tryBuild(world, demand))

  const second = await tryBuild({ ...world, ports }, demand)

  const made = world.table.items().filter(({ PK, SK }) => PK.startsWith('BUILD#') && SK === 'META')
  expect(made).toHaveLength(1)
  expect(second).toMatchObject({ ok: true, value: { id: made[0]?.['id'] } })
})

test('a lease that ends between the look and the next step ends the build, not its execution', async () => {
  const world = await openBuilds()
  const id = await build(world, [step('takes 1000'), step('ok')])
  await world.settle()
  const { leaseId } = buildNow(world, id)
  const { ports } = late(world, 'next_command', async () =>
    releaseLease(world.ports, OPERATOR, leaseId, 'ok'),
  )
  const end = { status: 'ended', cause: 'exited', exitCode: 0, endedAt: world.ports.clock.now() }
  await world.table.write({ kind: 'update', key: commandKey(leaseId, 1), set: end, when: ANY })

  const route = await driveBuild(ports, id, 1, 'STEP')
  await world.settle()

  expect(route).toEqual({ route: 'RELEASE' })
  expect(buildNow(world, id)).toMatchObject({
    status: 'ended',
    verdict: { outcome: 'infrastructure', reason: 'operator' },
    states: [{ status: 'succeeded' }, { status: 'skipped' }],
  })
})

test('a command that the fence of the host refused, while its lease seems good, is a step that was lost', async () => {
  const world = await openBuilds()
  const id = await build(world, [step('hang')])
  await world.settle()
  const { leaseId } = buildNow(world, id)
  const end = { status: 'ended', cause: 'lease_lost', detail: 'the host refused it: stale', endedAt: 1 }
  await world.table.write({ kind: 'update', key: commandKey(leaseId, 1), set: end, when: ANY })

  const route = await driveBuild(world.ports, id, 1, 'STEP')

  expect(route).toEqual({ route: 'RELEASE' })
  expect(buildNow(world, id)).toMatchObject({
    verdict: { outcome: 'infrastructure', reason: 'step_lost', detail: 'the host refused it: stale' },
  })
})

test.each([
  ['its step', (id: string) => buildStepKey(id, 1), 'has no step 1'],
  [
    'its command',
    (_: string, leaseId: string) => commandKey(leaseId, 1),
    'has lost its lease or its command',
  ],
])('a build that lost %s by somebody’s hand is a fault that is told', async (_, keyOf, fault) => {
  const world = await openBuilds()
  const id = await build(world, [step('hang')])
  if (fault.includes('command')) await world.settle()
  const { leaseId } = buildNow(world, id)
  await world.table.write({ kind: 'delete', key: keyOf(id, leaseId), when: ANY })

  const settled = async () => {
    await world.settle()
    return driveBuild(world.ports, id, 1, 'STEP')
  }

  await expect(settled()).rejects.toThrow(fault)
})
