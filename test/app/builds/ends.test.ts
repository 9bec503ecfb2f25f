import { expect, test } from 'vitest'
import { abortBuild } from '../../../lib/app/builds/abort-build.ts'
import { driveBuild } from '../../../lib/app/builds/drive-build.ts'
import { restartBuild } from '../../../lib/app/builds/restart-build.ts'
import { loseHost } from '../../../lib/app/fleet/lose-host.ts'
import { releaseLease } from '../../../lib/app/leases/release-lease.ts'
import { sweep } from '../../../lib/app/repair/sweep/sweep.ts'
import type { Caller } from '../../../lib/domain/access.ts'
import { violations } from '../../support/invariants.ts'
import { CI, openWorld } from '../../support/world.ts'
import type { World } from '../../support/world.ts'
import { build, buildNow, openBuilds, statesOf, step } from '../support/builds.ts'
import { by, OPERATOR, statesNow } from '../support/look.ts'

const STRANGER: Caller = { principal: 'api-token/other', tenant: 'other', scopes: ['lease'] }

const abort = async (world: World, id: string, caller = CI) => abortBuild(world.ports, caller, id)
const restart = async (world: World, id: string, key = 'again', caller = CI) =>
  restartBuild(world.ports, caller, id, { hash: key, requestHash: 'r' })

test('an abort kills the step that runs, skips the others, and ends when the host has confirmed it', async () => {
  const world = await openBuilds()
  const id = await build(world, [step('ok'), step('hang'), step('ok', { always: true })])
  await world.settle()
  const before = world.hosts.running().length

  const answer = await abort(world, id)
  await world.settle()

  const ended = buildNow(world, id)
  expect(before).toBe(1)
  expect(answer).toMatchObject({ ok: true, value: { status: 'releasing', verdict: { outcome: 'aborted' } } })
  expect(ended).toMatchObject({ status: 'ended', verdict: { outcome: 'aborted', reason: 'aborted' } })
  expect(statesOf(ended)).toEqual(['succeeded', 'stopped', 'skipped'])
  expect(world.hosts.running()).toEqual([])
  expect((await world.lease(ended.leaseId)).status).toBe('destroyed')
  expect(violations(world.table.items())).toEqual([])
})

test('an abort of a build that waits takes it out of the queue', async () => {
  const world = await openBuilds()
  await world.ask({ blueprint: 'linux' })
  await world.settle()
  const id = await build(world, [step('ok')])
  await world.settle()

  await abort(world, id)
  await world.settle()

  expect(buildNow(world, id)).toMatchObject({ status: 'ended', verdict: { outcome: 'aborted' } })
  expect(await world.lease(buildNow(world, id).leaseId)).toMatchObject({
    status: 'destroyed',
    reason: 'cancelled',
  })
  expect(violations(world.table.items())).toEqual([])
})

test('what has ended is not aborted: it stays as it ended', async () => {
  const world = await openBuilds()
  const id = await build(world, [step('ok')])
  await world.settle()

  const answer = await abort(world, id)

  expect(answer).toMatchObject({ ok: true, value: { status: 'ended', verdict: { outcome: 'succeeded' } } })
})

test('only its owner and operators touch a build', async () => {
  const world = await openBuilds()
  const id = await build(world, [step('hang')])
  await world.settle()

  const answers = [await abort(world, id, STRANGER), await restart(world, id, 'k', STRANGER)]

  for (const answer of answers) expect(answer).toMatchObject({ refusal: { refused: 'not_found' } })
  expect(await abort(world, id, OPERATOR)).toMatchObject({ ok: true })
})

test('a restart asks for the new lease only when nothing of the old one is left', async () => {
  const world = await openBuilds()
  const id = await build(world, [step('hang')])
  await world.settle()
  const { leaseId: first } = buildNow(world, id)

  await restart(world, id)
  const between = buildNow(world, id)
  await world.settle()

  const { leaseId: second, generation, status } = buildNow(world, id)
  const made = world.table.items().filter((item) => item.PK === `L#${second}` && item.SK === 'EV#000001')
  const gone = world.table.items().filter((item) => item.PK === `L#${first}` && item['type'] === 'destroyed')
  expect(between).toMatchObject({ status: 'releasing', generation: 1, restart: { leaseId: second } })
  expect({ generation, status }).toEqual({ generation: 2, status: 'running' })
  expect(second).not.toBe(first)
  expect(Number(made[0]?.['at'])).toBeGreaterThanOrEqual(Number(gone[0]?.['at']))
  expect((await world.lease(first)).status).toBe('destroyed')
  expect(violations(world.table.items())).toEqual([])
})

test('the same restart twice is one', async () => {
  const world = await openBuilds()
  const id = await build(world, [step('ok')])
  await world.settle()

  const answers = [await restart(world, id), await restart(world, id)]
  await world.settle()
  const late = await restart(world, id)

  expect(answers.every((answer) => answer.ok)).toBe(true)
  expect(late).toMatchObject({ ok: true, value: { generation: 2, status: 'ended' } })
  expect(buildNow(world, id).generation).toBe(2)
})

test('a key that restarted another build is refused', async () => {
  const world = await openBuilds({ hosts: { alpha: 2 } })
  const id = await build(world, [step('ok')])
  await world.settle()
  await restart(world, id, 'k')

  const refused = await restartBuild(world.ports, CI, id, { hash: 'k', requestHash: 'another' })

  expect(refused).toMatchObject({ refusal: { refused: 'key_reused' } })
})

test('an abort takes back a restart that has not begun yet', async () => {
  const world = await openBuilds()
  const id = await build(world, [step('hang')])
  await world.settle()
  world.halt(true)
  await restart(world, id)

  await abort(world, id)
  world.halt(false)
  await world.settle()

  expect(buildNow(world, id)).toMatchObject({
    status: 'ended',
    generation: 1,
    verdict: { outcome: 'aborted', reason: 'aborted' },
  })
})

test('a host that is lost under a build is told as such, with the reason of the lease', async () => {
  const world = await openBuilds()
  const id = await build(world, [step('ok'), step('hang')])
  await world.settle()

  await loseHost(world.ports, 'alpha', 'it burnt down', by(world))
  await world.settle()
  await world.advance(60_000)

  const ended = buildNow(world, id)
  expect(ended).toMatchObject({
    status: 'ended',
    verdict: { outcome: 'infrastructure', reason: 'host_lost' },
  })
  expect(statesOf(ended)).toEqual(['succeeded', 'stopped'])
})

test('a build that may try again does so after a failure that is not its own, and not more often', async () => {
  const world = await openBuilds()
  const id = await build(world, [step('hang')], { retries: 1 })
  await world.settle()
  const end = async () => {
    await releaseLease(world.ports, OPERATOR, buildNow(world, id).leaseId, 'ok')
    await world.settle()
  }

  await end()
  const second = buildNow(world, id)
  await end()

  expect(second).toMatchObject({ status: 'running', generation: 2, retriesLeft: 0 })
  expect(buildNow(world, id)).toMatchObject({
    status: 'ended',
    generation: 2,
    verdict: { outcome: 'infrastructure', reason: 'operator' },
  })
})

test('a build that may try again is not tried again after a failure of its own', async () => {
  const world = await openBuilds()

  const id = await build(world, [step('fail')], { retries: 3 })
  await world.settle()

  expect(buildNow(world, id)).toMatchObject({
    status: 'ended',
    generation: 1,
    verdict: { outcome: 'failed' },
  })
})

test('a commit that does not exist is the fault of whoever asked for it', async () => {
  const missing = {
    kind: 'failed',
    fault: 'request',
    code: 'unknown_commit',
    detail: 'no such commit',
  } as const
  const world = await openBuilds({ fakeHosts: { checkout: () => missing } })

  const id = await build(world, [step('ok')], { retries: 2 })
  await world.settle()

  expect(buildNow(world, id)).toMatchObject({
    status: 'ended',
    generation: 1,
    verdict: { outcome: 'failed', reason: 'request_failed', detail: 'unknown_commit: no such commit' },
  })
})

test('a build that gets no slot in time says so, and does not wait once more', async () => {
  const world = await openBuilds()
  await world.ask({ blueprint: 'linux', durations: { ttl: 3_600_000 } })
  await world.settle()

  const id = await build(world, [step('ok')], { lease: { wait: 60_000 }, retries: 3 })
  await world.advance(70_000)

  expect(buildNow(world, id)).toMatchObject({
    status: 'ended',
    generation: 1,
    verdict: { outcome: 'infrastructure', reason: 'wait_timeout' },
  })
  expect(statesOf(buildNow(world, id))).toEqual(['skipped'])
})

test('a build that takes longer than its hard maximum has failed, and is not tried again', async () => {
  const world = await openBuilds()

  const id = await build(world, [step('hang', { timeoutSeconds: 100 })], {
    lease: { ttl: 60_000, maxHold: 120_000 },
    retries: 3,
  })
  await world.advance(130_000)

  expect(buildNow(world, id)).toMatchObject({
    status: 'ended',
    generation: 1,
    verdict: { outcome: 'failed', reason: 'timeout' },
    startedAt: expect.any(Number),
  })
  expect(buildNow(world, id)).toSatisfy(
    (found: { finishedAt: number; startedAt: number }) => found.finishedAt - found.startedAt <= 125_000,
  )
})

test('a lease that nobody renewed is no fault of the build', async () => {
  const world = await openBuilds()
  const id = await build(world, [step('hang')], { lease: { ttl: 60_000 } })
  await world.settle()
  const { leaseId } = buildNow(world, id)

  world.halt(true)
  await world.advance(90_000)
  await driveBuild(world.ports, id, 1, 'STEP')

  expect((await world.lease(leaseId)).status).toBe('active')
  expect(buildNow(world, id)).toMatchObject({ verdict: { outcome: 'infrastructure', reason: 'expired' } })
})

test.each([
  [90_000, { outcome: 'infrastructure', reason: 'expired' }],
  [130_000, { outcome: 'failed', reason: 'timeout' }],
])('a lease of two minutes that was ended after %i ms by its expiry: %o', async (after, verdict) => {
  const world = await openBuilds()
  const id = await build(world, [step('hang', { timeoutSeconds: 100 })], {
    lease: { ttl: 60_000, maxHold: 120_000 },
  })
  await world.settle()
  const { leaseId } = buildNow(world, id)
  world.halt(true)
  await world.advance(after)

  await sweep(world.ports)
  await driveBuild(world.ports, id, 1, 'STEP')

  expect(await world.lease(leaseId)).toMatchObject({ reason: 'expired' })
  expect(buildNow(world, id)).toMatchObject({ verdict })
})

test('a step whose supervisor died says nothing of what is built', async () => {
  const world = await openBuilds()
  const id = await build(world, [step('hang'), step('ok', { always: true })])
  await world.settle()
  const lost = { stdout: new Uint8Array(), stderr: new Uint8Array() }
  const end = { exitCode: null, cause: 'lost', startedAt: 1, endedAt: 2 } as const

  world.hosts.answerNext('follow', { kind: 'done', value: { ...lost, end } } as never)
  await world.advance(10_000)

  expect(buildNow(world, id)).toMatchObject({
    status: 'ended',
    verdict: { outcome: 'infrastructure', reason: 'step_lost' },
  })
  expect(statesOf(buildNow(world, id))).toEqual(['lost', 'succeeded'])
})

test('a tenant whose places are all taken is refused before anything of the build exists', async () => {
  const world = await openWorld({ tenants: { acme: { name: 'acme', leases: 0 } } })
  const before = world.table.items().length

  const refused = await build(world, [step('ok')]).catch((error: unknown) => String(error))

  expect(refused).toContain('quota_exceeded')
  expect(world.table.items()).toHaveLength(before)
  expect(statesNow(world, 'alpha')).toEqual(['free'])
})
