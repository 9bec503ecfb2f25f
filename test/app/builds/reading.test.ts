import { expect, test } from 'vitest'
import { awaitBuildOutput } from '../../../lib/app/builds/build-output.ts'
import { listBuilds } from '../../../lib/app/builds/list-builds.ts'
import type { BuildQuery } from '../../../lib/app/builds/list-builds.ts'
import { restartBuild } from '../../../lib/app/builds/restart-build.ts'
import { awaitBuild, buildEvents } from '../../../lib/app/builds/view-build.ts'
import type { Caller } from '../../../lib/domain/access.ts'
import { CI } from '../../support/world.ts'
import type { World } from '../../support/world.ts'
import { buildNow, build, demandFor, openBuilds, step, tryBuild } from '../support/builds.ts'
import { OPERATOR } from '../support/look.ts'

const OTHER: Caller = { principal: 'api-token/other', tenant: 'other', scopes: ['lease'] }
const NOWHERE = '01J00000000000000000000000'

const idsOf = async (world: World, caller: Caller, query: Partial<BuildQuery> = {}) => {
  const page = await listBuilds(world.ports, caller, { limit: 50, ...query })
  if (!page.ok) throw new Error(page.refusal.refused)
  return page.value.builds.map(({ id }) => id)
}

async function three(world: World): Promise<readonly string[]> {
  const ids: string[] = []
  for (const [key, script] of Object.entries({ a: 'ok', b: 'fail', c: 'hang' })) {
    const made = await tryBuild(world, demandFor([step(script)]), key)
    if (made.ok) ids.push(made.value.id)
    await world.settle()
  }
  return ids
}

test('builds are listed newest first, each to those who may see it', async () => {
  const world = await openBuilds()
  const ids = await three(world)
  const made = await tryBuild(world, demandFor([step('ok')]), 'd', OTHER)
  const theirs = made.ok ? made.value.id : ''

  const lists = [await idsOf(world, CI), await idsOf(world, OTHER), await idsOf(world, OPERATOR)]

  const newest = ids.toReversed()
  expect(lists).toEqual([newest, [theirs], [theirs, ...newest]])
})

test.each([
  [{ status: 'running' }, [2]],
  [{ status: 'ended' }, [1, 0]],
  [{ outcome: 'failed' }, [1]],
  [{ outcome: 'succeeded' }, [0]],
  [{ repository: 'example' }, [2, 1, 0]],
  [{ repository: 'other' }, []],
  [{ owner: 'api-token/ci' }, [2, 1, 0]],
  [{ owner: 'somebody' }, []],
] as const)('a list holds what fits %o', async (query, places) => {
  const world = await openBuilds()
  const ids = await three(world)

  const found = await idsOf(world, CI, query)

  expect(found).toEqual(places.map((place) => ids[place]))
})

test('pages follow each other without a gap', async () => {
  const world = await openBuilds()
  const ids = await three(world)
  const found: string[] = []

  for (let cursor: string | undefined, first = true; first || cursor !== undefined; first = false) {
    const page = await listBuilds(world.ports, CI, { limit: 1, ...(cursor === undefined ? {} : { cursor }) })
    if (!page.ok) throw new Error(page.refusal.refused)
    found.push(...page.value.builds.map(({ id }) => id))
    cursor = page.value.cursor
  }

  expect(found).toEqual(ids.toReversed())
})

test('a cursor made up by hand, and the builds of another tenant, are refused', async () => {
  const world = await openBuilds()

  const answers = [
    await listBuilds(world.ports, CI, { limit: 1, cursor: 'x' }),
    await listBuilds(world.ports, CI, { limit: 1, tenant: 'other' }),
  ]

  expect(answers).toMatchObject([
    { refusal: { refused: 'bad_cursor' } },
    { refusal: { refused: 'not_authorized' } },
  ])
})

test('whoever waits for a build is answered when it has ended, or when the time is up', async () => {
  const world = await openBuilds()
  const id = await build(world, [step('takes 3000')])
  await world.settle()

  const short = await awaitBuild(world.ports, CI, id, 1_000)
  await world.advance(4_000)
  const long = await awaitBuild(world.ports, CI, id, 20_000)

  expect(short).toMatchObject({ ok: true, value: { build: { status: 'running' } } })
  expect(long).toMatchObject({ ok: true, value: { build: { status: 'ended' } } })
})

test('a build that waits says at which place and why', async () => {
  const world = await openBuilds()
  await world.ask({ blueprint: 'linux' })
  await world.settle()
  const id = await build(world, [step('ok')])
  await world.settle()

  const view = await awaitBuild(world.ports, CI, id, 0)

  expect(view).toMatchObject({ ok: true, value: { waiting: { position: 1, pool: 'linux' } } })
})

test('the timeline tells each transition, over all generations', async () => {
  const world = await openBuilds()
  const id = await build(world, [step('ok'), step('ok')])
  await world.settle()

  const events = await buildEvents(world.ports, CI, id)

  const types = events.ok && events.value.map(({ type }) => type)
  expect(types).toEqual(['created', 'started', 'step', 'releasing', 'ended'])
  expect(buildNow(world, id).version).toBe(5)
})

test('output of one step counts from its own beginning, and a step that is not there is none', async () => {
  const world = await openBuilds()
  const id = await build(world, [step('ok', { name: 'one' }), step('ok', { name: 'two' })])
  await world.settle()
  const ask = async (number: number, after = 0) =>
    awaitBuildOutput(world.ports, CI, id, { after, step: number, milliseconds: 0 })

  const second = await ask(2, 1)

  const [chunk] = (second.ok && second.value.chunks) || []
  expect(second).toMatchObject({ ok: true, value: { next: 4, ended: true, generation: 1 } })
  expect(chunk).toMatchObject({ offset: 1, step: 2, stream: 'stdout' })
  expect(new TextDecoder().decode(chunk && 'bytes' in chunk ? chunk.bytes : undefined)).toBe('wo\n')
  expect(await ask(3)).toMatchObject({ refusal: { refused: 'not_found' } })
})

test.each([
  ['has ended', 'ok'],
  ['runs', 'takes 60000'],
])(
  'an offset beyond what a build that %s has said is refused, of all steps and of one',
  async (_, script) => {
    const world = await openBuilds()
    const id = await build(world, [step(script, { name: 'one' }), step('hang', { name: 'two' })])
    await world.settle()
    const ask = async (after: number, number?: number) =>
      awaitBuildOutput(world.ports, CI, id, {
        after,
        milliseconds: 0,
        ...(number === undefined ? {} : { step: number }),
      })
    const whole = await ask(0)
    const end = whole.ok ? whole.value.next : -1

    const answers = [await ask(end), await ask(end + 1), await ask(5, 1)]

    const beyond = (bytes: number) => ({
      refusal: { refused: 'beyond_end', hints: { bytes, generation: 1 } },
    })
    expect(answers).toMatchObject([{ ok: true, value: { chunks: [], next: end } }, beyond(end), beyond(4)])
  },
)

test('an offset of the generation before is refused once the new one, which said nothing yet, has begun', async () => {
  const world = await openBuilds()
  const id = await build(world, [step('ok', { name: 'one' }), step('hang')])
  await world.settle()
  await world.ask({ blueprint: 'linux' })
  const ask = async () => awaitBuildOutput(world.ports, CI, id, { after: 4, milliseconds: 1_000 })
  const before = await ask()

  await restartBuild(world.ports, CI, id, { hash: 'again', requestHash: 'r' })
  await world.settle()
  const after = await ask()

  expect(before).toMatchObject({ ok: true, value: { chunks: [], next: 4, generation: 1, ended: false } })
  expect(buildNow(world, id)).toMatchObject({ status: 'waiting', generation: 2 })
  expect(after).toMatchObject({ refusal: { refused: 'beyond_end', hints: { bytes: 0, generation: 2 } } })
})

test('whoever waits for output is answered when the time is up, and not told that it was all', async () => {
  const world = await openBuilds()
  const id = await build(world, [step('hang')])
  await world.settle()

  const nothing = await awaitBuildOutput(world.ports, CI, id, { after: 0, milliseconds: 5_000 })

  expect(nothing).toMatchObject({ ok: true, value: { chunks: [], next: 0, ended: false } })
})

test('a build that is not there, or not yours, has nothing to read', async () => {
  const world = await openBuilds()
  const id = await build(world, [step('ok')])

  const answers = await Promise.all(
    [id, NOWHERE].flatMap((one) => [
      awaitBuild(world.ports, OTHER, one, 0),
      buildEvents(world.ports, OTHER, one),
      awaitBuildOutput(world.ports, OTHER, one, { after: 0, milliseconds: 0 }),
    ]),
  )

  for (const answer of answers) expect(answer).toMatchObject({ refusal: { refused: 'not_found' } })
})
