import { expect, test } from 'vitest'
import { notifyBuild } from '../../../lib/app/builds/notify-build.ts'
import { tellWork } from '../../../lib/app/lifecycle/tell-work.ts'
import { generationKey, workKey } from '../../../lib/app/store/keys.ts'
import { moveWork } from '../../../lib/app/transactions/move-work.ts'
import { violations } from '../../support/invariants.ts'
import type { World } from '../../support/world.ts'
import { openWorld } from '../../support/world.ts'
import { build, openBuilds, step } from '../support/builds.ts'
import { late, lostTo } from '../support/late.ts'
import { itemAt } from '../support/look.ts'
import { beginSome, stepOf, workNow, WORK_ID } from '../support/works.ts'

test('work_unchanged: of two who saw the same work, one moves it and the other reads again', async () => {
  const world = await openWorld()
  const work = await beginSome(world)
  const first = stepOf(work, 'running', work.createdAt + 2_000)
  const second = stepOf(work, 'ended', work.createdAt + 3_000)

  const outcomes = [
    await world.table.transact('one', moveWork('one', 'landing', work, first)),
    await world.table.transact('two', moveWork('two', 'landing', work, second)),
  ]

  expect(outcomes.map(({ committed }) => committed)).toEqual([true, false])
  expect(lostTo(outcomes)).toContain('work_unchanged')
  expect(workNow(world)).toEqual(first.work)
  expect(violations(world.table.items())).toEqual([])
})

test('work_lives: work that ended meanwhile is told nothing', async () => {
  const world = await openWorld()
  const { timer: _, ...work } = await beginSome(world)
  const end = stepOf(work, 'ended', undefined)
  const { ports, outcomes } = late(world, 'work_lives', async () =>
    world.table.transact('end', moveWork('end', 'landing', { ...work, timer: work.createdAt + 1_000 }, end)),
  )

  await tellWork(ports, 'landing', WORK_ID)

  expect(lostTo(outcomes)).toEqual(['work_lives'])
  expect(itemAt(world, workKey('landing', WORK_ID))['told']).toBe(0)
  expect(violations(world.table.items())).toEqual([])
})

test('notice_due: of two who tell the same webhook at once, one counts the try', async () => {
  const world = await openBuilds({ webhook: () => ({ kind: 'failed', detail: 'it answered 503' }) })
  const id = await build(world, [step('ok')], { webhook: 'https://ci.example.org/hook' })
  await world.settle()
  const tell = async (ports: World['ports']) => notifyBuild(ports, id, 1, () => ({}))
  const { ports, outcomes } = late(world, 'notice_due', async () => tell(world.ports))

  await tell(ports)

  expect(lostTo(outcomes)).toEqual(['notice_due'])
  expect(itemAt(world, generationKey(id, 1))).toMatchObject({ tries: 2, webhook: 'pending' })
})
