import { expect, test } from 'vitest'
import type { World } from '../../support/world.ts'
import { during, ended, land, landingNow, openLandingWorld, START } from './landings.ts'

const gone = { kind: 'failed', fault: 'host', code: 'unreachable', detail: 'gone' } as const

/** Hosts that a holder suspects. */
const suspected = (world: World) =>
  world.table
    .items()
    .filter((item) => Number(item['suspicions'] ?? 0) > 0)
    .map((item) => item.PK)

test('a host that nobody reaches for a moment keeps the lease, and is not suspected', async () => {
  const { world, remote } = await openLandingWorld({ hosts: { alpha: 1, beta: 1 } })
  for (const verb of ['merge', 'merge', 'push', 'push'] as const) world.hosts.answerNext(verb, gone)

  const { id } = await land(world)
  const landing = await ended(world, id)

  expect(landing).toMatchObject({ outcome: { result: 'landed' }, losses: 0 })
  expect(remote.landed('example', 'main')).toEqual([id])
  expect(suspected(world)).toEqual([])
})

test('a host that nobody reaches for a minute loses the lease, and is suspected', async () => {
  const { world } = await openLandingWorld({ hosts: { alpha: 1, beta: 1 } })
  for (let count = 0; count < 1_000; count++) world.hosts.answerNext('merge', gone)

  const { id } = await land(world)
  await world.advance(50_000)
  const before = { losses: (await landingNow(world, id)).losses, suspected: suspected(world) }
  await world.advance(40_000)
  const after = { losses: (await landingNow(world, id)).losses, suspected: suspected(world) }

  expect(before).toEqual({ losses: 0, suspected: [] })
  expect(after).toEqual({ losses: 1, suspected: [expect.any(String)] })
})

test.each([
  { kind: 'busy', detail: 'not now' },
  { kind: 'refused', code: 'opening', detail: 'not yet' },
] as const)('a host that is $kind when it shall push is not waited for without end', async (answer) => {
  const { world, remote } = await openLandingWorld({ hosts: { alpha: 1, beta: 1 } })
  for (let count = 0; count < 1_000; count++) world.hosts.answerNext('push', answer)

  const { id } = await land(world)
  await world.advance(14 * 60_000)
  const waiting = await during(world, id, 'pushing')
  await world.advance(2 * 60_000)
  const { losses } = await landingNow(world, id)
  await world.advance(10 * 60_000)
  const { outcome } = await ended(world, id)

  expect([waiting.losses, losses]).toEqual([0, 1])
  expect(outcome).toMatchObject({ result: 'failed', detail: expect.stringContaining('had begun') })
  expect(remote.head('example', 'main')).toBe(START)
})
