import { expect, test } from 'vitest'
import type { HostAnswer } from '../../../lib/app/ports/hosts.ts'
import { currentCommit } from '../../../lib/domain/landing/landing.ts'
import { releaseLease } from '../../../lib/app/leases/release-lease.ts'
import { violations } from '../../support/invariants.ts'
import { CI, holder } from '../../support/world.ts'
import { ended, land, during, landingNow, openLandingWorld, sourceId, START, tryLand } from './landings.ts'

const failure = (
  fault: 'request' | 'remote' | 'host',
  code: 'unknown_commit' | 'push_failed' | 'disk_full',
) => ({ kind: 'failed', fault, code, detail: 'said so' }) as const satisfies HostAnswer<never>

test('a branch that moved under the landing is built upon anew', async () => {
  const { world, remote } = await openLandingWorld()
  world.hosts.answerNext('push', { kind: 'busy', detail: 'not now' })

  const { id } = await land(world)
  await world.settle()
  remote.setHead('example', 'main', 'b'.repeat(40))
  const landing = await ended(world, id)

  expect(landing.outcome).toMatchObject({ result: 'landed', receipt: { before: 'b'.repeat(40) } })
  expect(landing).toMatchObject({ moves: 1, made: [{ before: START }, { before: 'b'.repeat(40) }] })
})

test('a branch that moves all the time is given up after six tries', async () => {
  let pushes = 0
  const { world, remote } = await openLandingWorld({
    remote: { beforePush: (at) => at.setHead('example', 'main', String((pushes += 1)).repeat(40)) },
  })

  const { id } = await land(world)
  const { outcome, moves } = await ended(world, id)

  expect(outcome).toMatchObject({ result: 'failed', code: 'head_moves' })
  expect({ pushes, moves }).toEqual({ pushes: 6, moves: 5 })
  expect(remote.landed('example', 'main')).toEqual([])
})

test('a head that was demanded and is not there ends the landing', async () => {
  const { world } = await openLandingWorld()

  const { id } = await land(world, { expectedHead: 'c'.repeat(40) })
  const { outcome } = await ended(world, id)

  expect(outcome).toMatchObject({ result: 'failed', code: 'head_moved' })
})

test('a head that was demanded and moves before the push ends the landing', async () => {
  const { world, remote } = await openLandingWorld()
  world.hosts.answerNext('push', { kind: 'busy', detail: 'not now' })

  const { id } = await land(world, { expectedHead: START })
  await world.settle()
  remote.setHead('example', 'main', 'b'.repeat(40))
  const { outcome } = await ended(world, id)

  expect(outcome).toMatchObject({ result: 'failed', code: 'head_moved' })
  expect(remote.head('example', 'main')).toBe('b'.repeat(40))
})

test('what the request asks for and cannot be had ends the landing with its code', async () => {
  const { world } = await openLandingWorld({ remote: { hasSource: () => false } })

  const { id } = await land(world)
  const { outcome } = await ended(world, id)

  expect(outcome).toEqual({ result: 'failed', code: 'unknown_commit', detail: 'not at the remote' })
  expect(violations(world.table.items())).toEqual([])
})

test('a branch that the remote does not have is found out by the checkout already', async () => {
  const { world } = await openLandingWorld({
    fakeHosts: { checkout: () => failure('request', 'unknown_commit') },
  })

  const { id } = await land(world)
  const { outcome } = await ended(world, id)

  expect(outcome).toMatchObject({ result: 'failed', code: 'unknown_branch' })
  expect(violations(world.table.items())).toEqual([])
})

test('a remote that does not answer is asked again', async () => {
  const { world } = await openLandingWorld()
  world.hosts.answerNext('push', failure('remote', 'push_failed'))
  world.hosts.answerNext('push', failure('remote', 'push_failed'))

  const { id } = await land(world)
  const { outcome } = await ended(world, id)

  expect(outcome.result).toBe('landed')
})

test('a remote that never answers is given up, and the landing says that its push had begun', async () => {
  const { world } = await openLandingWorld()
  for (let count = 0; count < 1_000; count++) world.hosts.answerNext('push', failure('remote', 'push_failed'))

  const { id } = await land(world)
  const { outcome, endedAt } = await ended(world, id)

  expect(outcome).toMatchObject({
    result: 'failed',
    code: 'push_failed',
    detail: expect.stringContaining('had begun'),
  })
  expect(endedAt).toBeGreaterThan((await landingNow(world, id)).createdAt + 15 * 60_000)
})

test('a host that fails loses the lease; on another one the same commit is made and pushed', async () => {
  const { world, remote } = await openLandingWorld({ hosts: { alpha: 1, beta: 1 } })
  world.hosts.answerNext('push', failure('host', 'disk_full'))

  const { id } = await land(world)
  const landing = await ended(world, id)

  expect(landing).toMatchObject({ outcome: { result: 'landed' }, losses: 1 })
  expect(landing.made).toHaveLength(1)
  expect(remote.landed('example', 'main')).toEqual([id])
})

test('a push whose answer was lost with its host is recognised, not done again', async () => {
  const { world, remote } = await openLandingWorld({ hosts: { alpha: 1, beta: 1 } })
  world.hosts.answerNext('push', { kind: 'busy', detail: 'not now' })
  const { id } = await land(world)
  await world.settle()
  const { lease, ...pushing } = await during(world, id, 'pushing')
  const { commit } = currentCommit({ lease, ...pushing })

  remote.setHead('example', 'main', commit) // the push came through, and nobody was told
  await releaseLease(world.ports, holder(lease), lease, 'host_suspect')
  const landing = await ended(world, id)

  expect(landing).toMatchObject({ outcome: { result: 'landed', receipt: { commit } }, losses: 1 })
  expect(remote.landed('example', 'main')).toEqual([id])
})

test('after three lost leases it is over, and the branch is the next one’s', async () => {
  const { world, remote } = await openLandingWorld({ hosts: { alpha: 4 } })
  for (let count = 0; count < 3; count++) world.hosts.answerNext('merge', failure('host', 'disk_full'))

  const { id } = await land(world)
  const next = await land(world, { source: sourceId(2) })
  const { outcome } = await ended(world, id)
  await ended(world, next.id)

  expect(outcome).toMatchObject({ result: 'failed', code: 'lease_lost' })
  expect(remote.landed('example', 'main')).toEqual([next.id])
  expect(violations(world.table.items())).toEqual([])
})

test('without a free permit it waits for one', async () => {
  const { world } = await openLandingWorld({
    hosts: { alpha: 2 },
    tenants: { acme: { name: 'acme', leases: 1 } },
  })
  const { leaseId } = await world.ask()

  const { id } = await land(world)
  await world.advance(45_000)
  const waiting = await landingNow(world, id)
  await releaseLease(world.ports, holder(leaseId), leaseId, 'ok')
  const { outcome } = await ended(world, id)

  expect(waiting.status).toBe('leasing')
  expect(outcome.result).toBe('landed')
})

test('a tenant at its quota holds the branch for two minutes, not for a whole turn', async () => {
  const { world } = await openLandingWorld({
    hosts: { alpha: 3 },
    tenants: { acme: { name: 'acme', leases: 1 }, other: { name: 'other', leases: 1 } },
    landing: { branches: ['main'], allow: ['acme', 'other'] },
  })
  await world.ask()

  const { id } = await land(world)
  const next = await tryLand(world, { source: sourceId(2) }, 'next', { ...CI, tenant: 'other' })
  if (!next.ok) throw new Error(next.refusal.detail)
  await world.advance(90_000)
  const waiting = await landingNow(world, id)
  await world.advance(60_000)
  const landing = await during(world, id, 'ended')
  const { outcome } = await ended(world, next.value.id)

  expect(waiting.status).toBe('leasing')
  expect(landing.outcome).toMatchObject({ result: 'failed', code: 'quota_exceeded' })
  expect(outcome.result).toBe('landed')
})

test('a turn that takes too long is the next one’s', async () => {
  const { world, remote } = await openLandingWorld({ hosts: { alpha: 2 } })
  const silent = { kind: 'busy', detail: 'not now' } as const
  for (let count = 0; count < 1_000; count++) world.hosts.answerNext('merge', silent)

  const { id } = await land(world)
  await world.advance(61 * 60_000)
  const { outcome } = await ended(world, id)

  expect(outcome).toMatchObject({ result: 'failed', code: 'turn_timeout' })
  expect(remote.head('example', 'main')).toBe(START)
})
