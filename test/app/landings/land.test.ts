import { expect, test } from 'vitest'
import { violations } from '../../support/invariants.ts'
import { ended, land, openLandingWorld, sourceId, START } from './landings.ts'

test('a landing gets its turn and a lease, makes its commit, pushes it and gives both back', async () => {
  const { world, remote } = await openLandingWorld()

  const { id } = await land(world)
  const landing = await ended(world, id)

  const commit = remote.head('example', 'main')
  expect(landing.outcome).toEqual({
    result: 'landed',
    receipt: {
      commit,
      tree: expect.any(String),
      before: START,
      after: commit,
      source: sourceId(1),
    },
  })
  expect((await world.lease(landing.lease ?? '')).status).toBe('destroyed')
  expect(violations(world.table.items())).toEqual([])
})

test('a landing’s timeline says how it went', async () => {
  const { world } = await openLandingWorld()

  const { id } = await land(world)
  await ended(world, id)

  const types = world.table
    .items()
    .filter(({ PK, SK }) => PK === `LAND#${id}` && SK.startsWith('EV#'))
    .map((event) => event['type'])
  expect(types).toEqual(['queued', 'turn_taken', 'merging', 'made', 'settled', 'ended'])
})

test('landings on one branch land one after the other, in the order in which they came', async () => {
  const { world, remote } = await openLandingWorld({ hosts: { alpha: 4 } })
  const ids: string[] = []

  for (let number = 1; number <= 8; number++) ids.push((await land(world, { source: sourceId(number) })).id)
  for (const id of ids) await ended(world, id)

  expect(remote.landed('example', 'main')).toEqual(ids)
  expect(violations(world.table.items())).toEqual([])
})

test('landings on different branches do not wait for each other', async () => {
  const { world, remote } = await openLandingWorld({
    hosts: { alpha: 2 },
    fakeHosts: { command: () => 'hang' },
  })
  remote.setHead('example', 'release/1', START)
  const slow = [{ name: 'slow', script: 'sleep 600', timeoutSeconds: 3_600 }]

  const stuck = await land(world, { verify: slow })
  await world.settle()
  const { id } = await land(world, { branch: 'release/1', source: sourceId(2) })
  const landing = await ended(world, id)

  expect(landing.outcome.result).toBe('landed')
  expect(remote.landed('example', 'main')).not.toContain(stuck.id)
})

test('a source that does not fit is told with its files, and the next one lands', async () => {
  const { world, remote } = await openLandingWorld({
    remote: { conflicts: (source) => (source === sourceId(1) ? ['a.txt', 'b.txt'] : undefined) },
  })

  const first = await land(world, { source: sourceId(1) })
  const second = await land(world, { source: sourceId(2) })
  const outcomes = [(await ended(world, first.id)).outcome, (await ended(world, second.id)).outcome]

  expect(outcomes).toMatchObject([
    { result: 'conflict', head: START, conflict: { files: ['a.txt', 'b.txt'], stderr: 'CONFLICT' } },
    { result: 'landed' },
  ])
  expect(remote.landed('example', 'main')).toEqual([second.id])
})

test('what is in the branch already says so', async () => {
  const { world, remote } = await openLandingWorld()

  const first = await land(world, {}, 'one')
  const second = await land(world, {}, 'two')
  await ended(world, first.id)
  const { outcome } = await ended(world, second.id)

  expect(outcome).toEqual({
    result: 'already_landed',
    head: remote.head('example', 'main'),
    source: sourceId(1),
  })
})

test('a dry run says what would be pushed, and pushes nothing', async () => {
  const { world, remote } = await openLandingWorld()

  const { id } = await land(world, { dryRun: true })
  const { outcome } = await ended(world, id)

  expect(outcome).toMatchObject({ result: 'dry_run', receipt: { before: START } })
  expect(remote.head('example', 'main')).toBe(START)
})

test('the same key with the same request is the same landing, which lands once', async () => {
  const { world, remote } = await openLandingWorld()

  const first = await land(world, {}, 'key')
  const second = await land(world, {}, 'key')
  await ended(world, first.id)
  const third = await land(world, {}, 'key')

  expect([second.id, third.id]).toEqual([first.id, first.id])
  expect(remote.landed('example', 'main')).toEqual([first.id])
})
