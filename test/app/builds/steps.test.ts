import { expect, test } from 'vitest'
import { releaseLease } from '../../../lib/app/leases/release-lease.ts'
import { violations } from '../../support/invariants.ts'
import { holder } from '../../support/world.ts'
import { statesNow } from '../support/look.ts'
import { build, buildNow, openBuilds, outputOf, statesOf, step } from '../support/builds.ts'

const ALL = { always: true }
const ON = { continueOnError: true }

test.each([
  ['all steps run in order', [step('ok'), step('ok')], ['succeeded', 'succeeded'], { outcome: 'succeeded' }],
  [
    'after a failure nothing more runs',
    [step('ok'), step('fail'), step('ok')],
    ['succeeded', 'failed', 'skipped'],
    { outcome: 'failed', reason: 'step_failed' },
  ],
  [
    'a step that may fail does not stop the others, and is not the failure of the build',
    [step('fail', ON), step('ok')],
    ['failed', 'succeeded'],
    { outcome: 'succeeded' },
  ],
  [
    'a step that always runs does so after a failure, which stays one',
    [step('fail'), step('ok'), step('ok', ALL)],
    ['failed', 'skipped', 'succeeded'],
    { outcome: 'failed', reason: 'step_failed' },
  ],
  [
    'a step that always runs can be the one that fails',
    [step('ok'), step('fail', ALL), step('ok', ALL)],
    ['succeeded', 'failed', 'succeeded'],
    { outcome: 'failed', reason: 'step_failed' },
  ],
])('%s', async (_, steps, states, verdict) => {
  const world = await openBuilds()

  const id = await build(world, steps)
  await world.settle()

  const ended = buildNow(world, id)
  expect(ended).toMatchObject({ status: 'ended', verdict })
  expect(statesOf(ended)).toEqual(states)
  expect(statesNow(world, 'alpha')).toEqual(['free'])
  expect(violations(world.table.items())).toEqual([])
})

test('a step that ended says how, and a failed one keeps its exit code', async () => {
  const world = await openBuilds()

  const id = await build(world, [step('fail')])
  await world.settle()

  expect(buildNow(world, id).states[0]).toMatchObject({
    status: 'failed',
    command: 1,
    cause: 'exited',
    exitCode: 3,
    startedAt: expect.any(Number),
    endedAt: expect.any(Number),
  })
})

test('scripts are data, and variables say what is built', async () => {
  const script = `echo "$DRYDOCK_STEP"; echo '$(rm -rf /)' \`id\` > /dev/null`
  const seen: { argv: readonly string[]; environment: Readonly<Record<string, string>> }[] = []
  const command = (request: (typeof seen)[number]) => {
    seen.push(request)
    return { exitCode: 0 }
  }
  const world = await openBuilds({ fakeHosts: { command } })
  const environment = { SHARED: 'all', OWN: 'all' }

  const id = await build(world, [step(script, { name: 'a "name"', environment: { OWN: 'mine' } })], {
    environment,
    lease: { commit: 'main' },
  })
  await world.settle()

  const [first] = seen
  const fixed = first?.argv.slice(0, 4).join('\n') ?? ''
  expect(first?.argv.at(-1)).toBe(script)
  expect(first?.argv).toHaveLength(5)
  expect(fixed).not.toContain('DRYDOCK_STEP')
  expect(first?.environment).toEqual({
    SHARED: 'all',
    OWN: 'mine',
    DRYDOCK_BUILD_ID: id,
    DRYDOCK_BUILD_STATUS: 'succeeding',
    DRYDOCK_COMMIT: 'main',
    DRYDOCK_GENERATION: '1',
    DRYDOCK_LEASE_ID: buildNow(world, id).leaseId,
    DRYDOCK_REF: 'main',
    DRYDOCK_REPOSITORY: 'example',
    DRYDOCK_STEP: 'a "name"',
    DRYDOCK_STEP_NUMBER: '1',
  })
})

test('a step that always runs is told whether the build is failing', async () => {
  const told: (string | undefined)[] = []
  const world = await openBuilds({
    fakeHosts: {
      command: ({ argv, environment }) => {
        told.push(environment['DRYDOCK_BUILD_STATUS'])
        return { exitCode: argv.at(-1) === 'fail' ? 1 : 0 }
      },
    },
  })

  await build(world, [step('ok', ALL), step('fail'), step('ok', ALL)])
  await world.settle()

  expect(told).toEqual(['succeeding', 'succeeding', 'failing'])
})

test('a build that is longer than its ttl keeps its lease, without a poll in between', async () => {
  const world = await openBuilds()
  const id = await build(world, [step('takes 1500000')], { lease: { ttl: 60_000 } })

  await world.advance(1_600_000)

  expect(buildNow(world, id)).toMatchObject({ status: 'ended', verdict: { outcome: 'succeeded' } })
  expect(buildNow(world, id).version).toBe(4)
})

test('output of all steps is one run of bytes, which can be taken up anywhere', async () => {
  const world = await openBuilds()
  const id = await build(world, [step('ok', { name: 'one' }), step('ok', { name: 'two' }), step('hang')])
  await world.settle()

  const whole = await outputOf(world, id)

  expect(whole).toBe('one\ntwo\n')
  for (let after = 0; after <= whole.length; after++) {
    expect(await outputOf(world, id, after)).toBe(whole.slice(after))
  }
})

test('a build waits its turn like any lease', async () => {
  const world = await openBuilds()
  const { leaseId } = await world.ask({ blueprint: 'linux' })
  await world.settle()

  const id = await build(world, [step('ok')])
  await world.settle()
  const before = buildNow(world, id).status
  await releaseLease(world.ports, holder(leaseId), leaseId, 'ok')
  await world.settle()

  expect(before).toBe('waiting')
  expect(buildNow(world, id)).toMatchObject({ status: 'ended', verdict: { outcome: 'succeeded' } })
})
