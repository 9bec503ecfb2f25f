import { expect, test } from 'vitest'
import type { Posted, WebhookMessage } from '../../../lib/app/ports/ports.ts'
import { sweep } from '../../../lib/app/repair/sweep/sweep.ts'
import { generationKey } from '../../../lib/app/store/keys.ts'
import { notifyBuild } from '../../../lib/app/builds/notify-build.ts'
import { restartBuild } from '../../../lib/app/builds/restart-build.ts'
import { CI } from '../../support/world.ts'
import type { World } from '../../support/world.ts'
import { build, buildNow, openBuilds, step } from '../support/builds.ts'
import { itemAt } from '../support/look.ts'

const HOUR = 3_600_000
const webhook = 'https://ci.example.org/hook'
const noticeOf = (world: World, id: string, generation = 1) => {
  const { webhook: status, tries, detail } = itemAt(world, generationKey(id, generation))
  return { status, tries, detail }
}

async function ended(answer: (message: WebhookMessage) => Posted) {
  const world = await openBuilds({ webhook: answer })
  const id = await build(world, [step('ok')], { webhook })
  await world.settle()
  return { world, id }
}

test('the end of a build is put on the bus and posted to its webhook', async () => {
  const { world, id } = await ended(() => ({ kind: 'delivered' }))

  expect(world.published).toEqual([
    {
      buildId: id,
      generation: 1,
      tenant: 'acme',
      repository: 'example',
      commit: 'main',
      outcome: 'succeeded',
    },
  ])
  expect(world.posted).toEqual([
    { id: `build_${id}_1`, tenant: 'acme', url: webhook, body: expect.stringContaining(id) },
  ])
  expect(noticeOf(world, id)).toEqual({ status: 'delivered', tries: 1, detail: undefined })
  expect(buildNow(world, id).timer).toBeUndefined()
})

test('a build without a webhook is put on the bus, and then nothing is left to do', async () => {
  const world = await openBuilds()
  const id = await build(world, [step('fail')])
  await world.settle()

  expect(world.published).toMatchObject([{ outcome: 'failed', reason: 'step_failed' }])
  expect(world.posted).toEqual([])
  expect(buildNow(world, id).timer).toBeUndefined()
})

test('a webhook that does not answer is tried again, later each time, and given up at last', async () => {
  const { world, id } = await ended(() => ({ kind: 'failed', detail: 'it answered 503' }))
  const first = { ended: buildNow(world, id).status, tries: world.posted.length }

  for (let hour = 0; hour < 6; hour++) {
    await world.advance(HOUR)
    await sweep(world.ports)
    await world.settle()
  }

  expect(first).toEqual({ ended: 'ended', tries: 1 })
  expect(world.posted).toHaveLength(6)
  expect(new Set(world.posted.map((message) => message.id)).size).toBe(1)
  expect(noticeOf(world, id)).toEqual({ status: 'failed', tries: 6, detail: 'it answered 503' })
  expect(buildNow(world, id).timer).toBeUndefined()
})

test('a try that dies is counted: a webhook that nobody can be told of is given up, too', async () => {
  const { world, id } = await ended(() => ({ kind: 'failed', detail: 'it answered 503' }))
  const webhooks = { post: async () => Promise.reject(new Error('it died')) }
  const outcomes: string[] = []

  for (let count = 0; count < 8; count++) {
    const told = notifyBuild({ ...world.ports, webhooks }, id, 1, () => ({}))
    outcomes.push(await told.then(({ route }) => route).catch(String))
  }

  expect(outcomes).toEqual([...Array<string>(5).fill('Error: it died'), 'DONE', 'DONE', 'DONE'])
  expect(noticeOf(world, id)).toEqual({ status: 'failed', tries: 6, detail: 'every try to tell it died' })
  expect(buildNow(world, id).timer).toBeUndefined()
})

test('what no further try would help is not tried again', async () => {
  const { world, id } = await ended(() => ({ kind: 'refused', detail: 'not public' }))

  expect(world.posted).toHaveLength(1)
  expect(noticeOf(world, id)).toEqual({ status: 'failed', tries: 1, detail: 'not public' })
})

test('a webhook that comes back is told, and its fault forgotten', async () => {
  let away = true
  const { world, id } = await ended(() =>
    away ? { kind: 'failed', detail: 'ECONNREFUSED' } : { kind: 'delivered' },
  )
  away = false

  await world.advance(10_000)

  expect(noticeOf(world, id)).toEqual({ status: 'delivered', tries: 2, detail: undefined })
})

test('a generation that another one followed goes on telling of its own end', async () => {
  let away = true
  const { world, id } = await ended(() =>
    away ? { kind: 'failed', detail: 'ECONNREFUSED' } : { kind: 'delivered' },
  )

  await restartBuild(world.ports, CI, id, { hash: 'again', requestHash: 'r' })
  away = false
  await world.advance(10_000)

  expect(buildNow(world, id)).toMatchObject({ generation: 2, status: 'ended' })
  expect(world.posted.map((message) => message.id).toSorted()).toEqual([
    `build_${id}_1`,
    `build_${id}_1`,
    `build_${id}_2`,
  ])
  expect(noticeOf(world, id, 1)).toMatchObject({ status: 'delivered', tries: 2 })
})
