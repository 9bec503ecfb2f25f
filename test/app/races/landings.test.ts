import { expect, test } from 'vitest'
import { endLanding } from '../../../lib/app/landings/settle-landing.ts'
import { serveBranch } from '../../../lib/app/landings/serve-branch.ts'
import { cancelLanding } from '../../../lib/app/landings/cancel-landing.ts'
import { violations } from '../../support/invariants.ts'
import { CI } from '../../support/world.ts'
import { during, ended, land, landingNow, openLandingWorld, sourceId } from '../landings/landings.ts'
import { late, lostTo } from '../support/late.ts'
import { by } from '../support/look.ts'
import { settle } from '../../../lib/domain/landing/steps.ts'
import { move } from '../../../lib/app/landings/settle-landing.ts'

/** Landings on one branch; nobody works on executions. The first has the turn. */
async function queuedWorld(count: number) {
  const { world, remote } = await openLandingWorld({ hosts: { alpha: 2 } })
  world.halt(true)
  const ids: string[] = []
  for (let number = 1; number <= count; number++)
    ids.push((await land(world, { source: sourceId(number) })).id)
  const [first = '', ...others] = ids
  return { world, remote, first, others }
}

/** The first landing is over, but for its end. */
async function endingWorld(count: number) {
  const queued = await queuedWorld(count)
  const leasing = await during(queued.world, queued.first, 'leasing')
  const outcome = { result: 'cancelled', by: 'test' } as const
  await move(queued.world.ports, leasing, settle(leasing, outcome, by(queued.world)))
  return { ...queued, ending: await during(queued.world, queued.first, 'ending') }
}

test('turn_free: of two who give a free turn to the head of the queue one does', async () => {
  const { world, ending } = await endingWorld(1)
  const { ports, outcomes } = late(world, 'turn_free', async () =>
    serveBranch(world.ports, 'example', 'main', by(world)),
  )
  await endLanding(world.ports, ending)
  world.halt(true)
  // Both find a free turn and the same head: it is queued behind a turn that is given back meanwhile.
  const queue = land({ ...world, ports }, { source: sourceId(7) })
  const { id } = await queue

  expect(lostTo(outcomes)).toContain('turn_free')
  expect((await landingNow(world, id)).status).toBe('leasing')
  expect(violations(world.table.items())).toEqual([])
})

test('turn_held_by: a landing that was ended by another gives back no turn that is not its own any more', async () => {
  const { world, ending, others } = await endingWorld(3)
  const { ports, outcomes } = late(world, 'turn_held_by', async () => endLanding(world.ports, ending))

  const second = await endLanding(ports, ending)

  expect(second).toBeUndefined()
  expect(lostTo(outcomes)).toContain('turn_held_by')
  expect(await Promise.all(others.map(async (id) => (await landingNow(world, id)).status))).toEqual([
    'leasing',
    'queued',
  ])
  expect(violations(world.table.items())).toEqual([])
})

test('still_there: the next one leaves its queue while the turn is handed to it: the one behind it gets it', async () => {
  const { world, ending, others } = await endingWorld(3)
  const [second = '', third = ''] = others
  const { ports } = late(world, 'turn_held_by', async () => cancelLanding(world.ports, CI, second))

  await endLanding(ports, ending)

  expect((await landingNow(world, second)).status).toBe('ended')
  expect((await landingNow(world, third)).status).toBe('leasing')
  expect(violations(world.table.items())).toEqual([])
})

test('next_place: the first two landings on a branch get different places', async () => {
  const { world } = await openLandingWorld()
  const { ports, outcomes } = late(world, 'next_place', async () => land(world, { source: sourceId(1) }))

  const slow = await land({ ...world, ports }, { source: sourceId(2) })

  expect(outcomes).toHaveLength(1)
  expect(slow.place).toBe(2)
  await ended(world, slow.id)
  expect(violations(world.table.items())).toEqual([])
})
