import { expect, test } from 'vitest'
import { cancelLanding } from '../../../lib/app/landings/cancel-landing.ts'
import { violations } from '../../support/invariants.ts'
import { CI } from '../../support/world.ts'
import { during, ended, land, openLandingWorld, sourceId, START } from './landings.ts'

const hang = { fakeHosts: { command: () => 'hang' as const } }
const slow = [{ name: 'slow', script: 'sleep 600', timeoutSeconds: 3_600 }]
const operator = { principal: 'api-token/op', tenant: 'ops', scopes: ['operator'] } as const
const stranger = { principal: 'api-token/other', tenant: 'acme', scopes: ['lease'] } as const

test('a landing that waits for its turn leaves the queue, and the one behind it moves up', async () => {
  const { world, remote } = await openLandingWorld({ hosts: { alpha: 2 }, ...hang })
  const first = await land(world, { verify: slow })
  const second = await land(world, { source: sourceId(2) })
  const third = await land(world, { source: sourceId(3) })
  await world.settle()

  const cancelled = await cancelLanding(world.ports, CI, second.id)
  await cancelLanding(world.ports, CI, first.id)
  await ended(world, third.id)

  expect(cancelled).toMatchObject({ ok: true, value: { status: 'ended', outcome: { result: 'cancelled' } } })
  expect(remote.landed('example', 'main')).toEqual([third.id])
  expect(violations(world.table.items())).toEqual([])
})

test('a landing whose steps run is called back: they are ended, and lease and branch are given back', async () => {
  const { world, remote } = await openLandingWorld(hang)
  const { id } = await land(world, { verify: slow })
  await world.settle()
  const { lease } = await during(world, id, 'verifying')

  await cancelLanding(world.ports, operator, id)
  const { outcome } = await ended(world, id)

  expect(outcome).toEqual({ result: 'cancelled', by: operator.principal })
  expect((await world.lease(lease)).status).toBe('destroyed')
  expect(world.hosts.running()).toEqual([])
  expect(remote.head('example', 'main')).toBe(START)
  expect(violations(world.table.items())).toEqual([])
})

test('once its push has begun it cannot be called back', async () => {
  const { world } = await openLandingWorld()
  world.hosts.answerNext('push', { kind: 'busy', detail: 'not now' })
  const { id } = await land(world)
  await world.settle()

  const refused = await cancelLanding(world.ports, CI, id)
  const { outcome } = await ended(world, id)

  expect(refused).toMatchObject({ ok: false, refusal: { refused: 'push_begun' } })
  expect(outcome.result).toBe('landed')
})

test('a push that found another head has not begun: what comes after it can be called back', async () => {
  const { world, remote } = await openLandingWorld()
  const busy = { kind: 'busy', detail: 'not now' } as const
  world.hosts.answerNext('push', busy)
  const { id } = await land(world)
  await world.settle()
  await during(world, id, 'pushing')
  remote.setHead('example', 'main', 'b'.repeat(40))
  world.hosts.answerNext('merge', busy)
  world.hosts.answerNext('merge', busy)
  await world.advance(1_000)
  await during(world, id, 'merging')

  const cancelled = await cancelLanding(world.ports, CI, id)
  const { outcome } = await ended(world, id)

  expect(cancelled).toMatchObject({ ok: true })
  expect(outcome.result).toBe('cancelled')
  expect(remote.head('example', 'main')).toBe('b'.repeat(40))
})

test('one that is over stays as it is, however often it is cancelled', async () => {
  const { world } = await openLandingWorld()
  const { id } = await land(world)
  await ended(world, id)

  const cancelled = await cancelLanding(world.ports, CI, id)

  expect(cancelled).toMatchObject({ ok: true, value: { outcome: { result: 'landed' } } })
})

test('whoever did not ask for it is told that there is none', async () => {
  const { world } = await openLandingWorld(hang)
  const { id } = await land(world, { verify: slow })

  const refused = await cancelLanding(world.ports, stranger, id)

  expect(refused).toMatchObject({ ok: false, refusal: { refused: 'not_found' } })
})
