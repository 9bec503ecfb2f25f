import { expect, test } from 'vitest'
import { done } from '../../../lib/adapters/memory/host-fence.ts'
import type { CheckoutRequest, CheckoutState, HostAnswer } from '../../../lib/app/ports/hosts.ts'
import { runCommand } from '../../../lib/app/commands/run-command.ts'
import type { LeaseDemand } from '../../../lib/app/leases/judge-demand.ts'
import { holder } from '../../support/world.ts'
import { copiesNow, copiesWorld, release } from '../support/copies.ts'
import { slotsNow } from '../support/look.ts'

const PAIR: Partial<LeaseDemand> = {
  blueprint: 'checkout',
  repositories: [{ repository: 'example', directory: 'app', commit: 'main' }, { repository: 'two' }],
}
const proven = ({ repository, commit }: CheckoutRequest): HostAnswer<CheckoutState> =>
  done({
    state: 'done',
    receipt: { commit, tree: `tree of ${repository}`, path: '/', files: 1, fetched: false, milliseconds: 1 },
  })

test('a lease of several repositories gets a receipt of each, and one working copy that holds them all', async () => {
  const asked: CheckoutRequest[] = []
  const world = await copiesWorld(
    {},
    {
      fakeHosts: {
        checkout: (request) => {
          asked.push(request)
          return proven(request)
        },
      },
    },
  )

  const { leaseId } = await world.ask(PAIR)
  await world.settle()

  const lease = await world.lease(leaseId)
  const [copy, ...others] = copiesNow(world)
  expect(lease).toMatchObject({
    status: 'active',
    copy: copy?.id,
    receipt: { tree: 'tree of example', beside: { two: { tree: 'tree of two' } } },
  })
  expect(others).toEqual([])
  expect(copy?.name).toMatch(/^_[0-9a-f]{20}$/)
  expect(copy?.repositories).toEqual([
    { repository: 'example', directory: 'app', commit: 'main' },
    { repository: 'two', directory: 'two', commit: 'main' },
  ])
  expect(asked.map(({ place }) => place)).toEqual([
    { collection: copy?.name, directory: 'app', directories: ['app', 'two'] },
    { collection: copy?.name, directory: 'two', directories: ['app', 'two'] },
  ])
})

test('the same repositories in the same directories find the same copy, whichever is the default', async () => {
  const world = await copiesWorld({}, { fakeHosts: { checkout: proven } })
  const first = await world.ask(PAIR)
  await world.settle()
  await release(world, first.leaseId)
  const warm = slotsNow(world, 'alpha')[0]?.warm

  const again = await world.ask({ ...PAIR, repositories: PAIR.repositories?.toReversed() ?? [] })
  await world.settle()
  const other = { ...PAIR, repositories: [{ repository: 'example' }, { repository: 'two' }] }
  await release(world, again.leaseId)
  await world.ask(other)
  await world.settle()

  expect(warm).toHaveLength(1)
  expect(copiesNow(world).map(({ lease }) => lease)).toHaveLength(2)
  expect(copiesNow(world)[0]?.lease).toBe(again.leaseId)
})

test('a command runs in the default repository unless it is told otherwise', async () => {
  const world = await copiesWorld({}, { fakeHosts: { checkout: proven } })
  const { leaseId } = await world.ask(PAIR)
  await world.settle()
  const run = async (directory: string | undefined, key: string) =>
    runCommand(
      world.ports,
      holder(leaseId),
      leaseId,
      { argv: ['true'], environment: {}, timeoutSeconds: 9, directory },
      { hash: key, requestHash: key },
    )

  const commands = [await run(undefined, 'one'), await run('two', 'two'), await run('.', 'three')]

  expect(commands).toMatchObject([
    { value: { directory: 'app' } },
    { value: { directory: 'two' } },
    { value: { directory: '.' } },
  ])
})

test('one repository that is still being fetched keeps the lease waiting, and one that cannot be had breaks it', async () => {
  let ready = false
  const world = await copiesWorld(
    {},
    {
      fakeHosts: {
        checkout: (request) =>
          request.repository === 'example' || ready
            ? proven(request)
            : done({ state: 'running', phase: 'fetching' }),
      },
    },
  )
  const { leaseId } = await world.ask(PAIR)
  await world.settle()
  const before = await world.lease(leaseId)
  ready = true
  await world.advance(5_000)
  const after = await world.lease(leaseId)
  await release(world, leaseId)
  ready = false
  world.hosts.answerNext('checkout', { kind: 'busy', detail: '' })
  world.hosts.answerNext('checkout', {
    kind: 'failed',
    fault: 'request',
    code: 'unknown_commit',
    detail: 'none',
  })
  const bad = await world.ask(PAIR)
  await world.settle()

  expect([before.status, after.status]).toEqual(['acquired', 'active'])
  expect(await world.lease(bad.leaseId)).toMatchObject({
    reason: 'request_failed',
    detail: 'unknown_commit: none',
  })
})

test('a merge that does not fit breaks the lease, with the report on it to its end', async () => {
  const conflict = {
    phase: 'squash',
    at: 'topic',
    files: ['a', 'b'],
    truncated: false,
    stderr: 'CONFLICT',
  } as const
  const world = await copiesWorld(
    {},
    {
      fakeHosts: {
        checkout: ({ merges }) => {
          expect(merges).toEqual([{ how: 'squash', ref: 'topic' }])
          return done({ state: 'conflict', conflict })
        },
      },
    },
  )

  const { leaseId } = await world.ask({
    blueprint: 'checkout',
    repository: 'example',
    merges: [{ how: 'squash', ref: 'topic' }],
  })
  await world.settle()

  expect(await world.lease(leaseId)).toMatchObject({
    status: 'destroyed',
    reason: 'request_failed',
    detail: 'merge_conflict: squash of topic into example does not fit in 2 files',
    conflict: { repository: 'example', phase: 'squash', ref: 'topic', files: ['a', 'b'] },
    failures: [],
  })
})

test.each<readonly [string, Partial<LeaseDemand>, string]>([
  [
    'nine repositories',
    { repositories: Array.from({ length: 9 }, (_, at) => ({ repository: `r${at}` })) },
    'bad_collection',
  ],
  [
    'the same repository twice',
    { repositories: [{ repository: 'two' }, { repository: 'two', directory: 'x' }] },
    'bad_collection',
  ],
  [
    'one directory twice',
    {
      repositories: [
        { repository: 'two', directory: 'x' },
        { repository: 'three', directory: 'x' },
      ],
    },
    'bad_collection',
  ],
  [
    'directories that differ in case alone',
    {
      repositories: [
        { repository: 'two', directory: 'X' },
        { repository: 'three', directory: 'x' },
      ],
    },
    'bad_collection',
  ],
  ['a directory upwards', { repositories: [{ repository: 'two', directory: '..' }] }, 'bad_collection'],
  ['an absolute directory', { repositories: [{ repository: 'two', directory: '/x' }] }, 'bad_collection'],
  [
    'a directory in a directory',
    { repositories: [{ repository: 'two', directory: 'a/b' }] },
    'bad_collection',
  ],
  ['git’s own directory', { repositories: [{ repository: 'two', directory: '.git' }] }, 'bad_collection'],
  [
    'git’s own directory by its other name',
    { repositories: [{ repository: 'two', directory: 'GIT~1' }] },
    'bad_collection',
  ],
  [
    'a directory that looks like an option',
    { repositories: [{ repository: 'two', directory: '-x' }] },
    'bad_collection',
  ],
  [
    'nine merges',
    { repository: 'two', merges: Array.from({ length: 9 }, () => ({ how: 'merge', ref: 'x' }) as const) },
    'bad_collection',
  ],
  ['a merge of no ref', { repository: 'two', merges: [{ how: 'merge', ref: 'a..b' }] }, 'bad_ref'],
  [
    'a merge that looks like an option',
    { repository: 'two', merges: [{ how: 'merge', ref: '-x' }] },
    'bad_ref',
  ],
  ['a commit that is no ref', { repository: 'two', commit: 'a.lock' }, 'bad_ref'],
  ['one repository and a list', { repository: 'two', repositories: [{ repository: 'three' }] }, 'malformed'],
  [
    'a repository that nobody registered',
    { repositories: [{ repository: 'two' }, { repository: 'tow' }] },
    'unknown_repository',
  ],
])('%s is refused, and nothing is written', async (_what, demand, code) => {
  const world = await copiesWorld()
  const before = world.table.items().length

  const answer = await world.tryAsk({ blueprint: 'checkout', ...demand })

  expect(answer).toMatchObject({ ok: false, refusal: { refused: code } })
  expect(world.table.items()).toHaveLength(before)
})
