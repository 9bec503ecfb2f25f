import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { followBuild } from '../../lib/client/build.ts'
import type { Build, BuildRequest } from '../../lib/contract/build.ts'
import { openInstallation, REPOSITORY, sweep } from './support/installation.ts'
import type { Installation } from './support/installation.ts'
import { destroyed } from './support/lease.ts'
import { eventually, mentioning } from './support/observe.ts'

let here: Installation
beforeAll(async () => {
  here = await openInstallation({ hosts: ['alpha'], slots: 1 })
})
afterAll(async () => {
  // What was begun for the commit that does not exist is the sweep's to remove.
  await sweep(here.served)
  await here.close()
})

type Steps = BuildRequest['steps']

const start = async (steps: Steps, more: Partial<BuildRequest> = {}): Promise<Build> =>
  here.client.createBuild({ body: { repository: REPOSITORY, steps, ...more } })

/** The build when it has ended, and all that its steps said. */
async function ended(id: string): Promise<{ readonly build: Build; readonly said: string }> {
  const output = followBuild(here.client, id)
  let said = ''
  for (;;) {
    const step = await output.next()
    if (step.done) return { build: step.value, said }
    said += Buffer.from(step.value.bytes).toString()
  }
}

const statuses = (build: Build) => build.steps.map(({ status }) => status)
const begun = async (id: string, text: string) =>
  eventually(`a step has said ${text}`, async () => {
    const { chunks } = await here.client.buildOutput({ id, wait: 1 })
    return chunks.some((chunk) =>
      Buffer.from(chunk.base64 ?? '', 'base64')
        .toString()
        .includes(text),
    )
  })

describe('a build', () => {
  test('runs its steps in one proven copy of the commit, and gives its slot back', async () => {
    const commit = here.repository.commits[3] ?? ''
    const tree = execFileSync('git', ['-C', here.repository.directory, 'rev-parse', `${commit}^{tree}`])
    const steps = [
      { name: 'make', script: 'git rev-parse HEAD; echo built >artifact' },
      {
        name: 'see',
        script: '#!/usr/bin/env -S sh -u\ncat artifact; echo "$DRYDOCK_COMMIT $DRYDOCK_STEP $OF"',
      },
    ]

    const { id } = await start(steps, { commit, environment: { OF: 'all' } })
    const { build, said } = await ended(id)

    expect(build).toMatchObject({ status: 'ended', outcome: 'succeeded', commit, generation: 1 })
    expect(build.source).toEqual({ commit, tree: tree.toString().trim() })
    expect(said).toBe(`${commit}\nbuilt\n${commit} see all\n`)
    expect(statuses(build)).toEqual(['succeeded', 'succeeded'])
    expect(await destroyed(here.client, build.leaseId)).toMatchObject({
      reason: 'released',
      owner: `build/${id}`,
    })
  })

  test('stops at a step that fails, but for those that run always and those that may fail', async () => {
    const steps = [
      { name: 'lint', script: 'echo lint; exit 2', continueOnError: true },
      { name: 'test', script: 'echo test\nfalse\necho never' },
      { name: 'deploy', script: 'echo deploy' },
      { name: 'report', script: 'echo "$DRYDOCK_BUILD_STATUS"', always: true },
    ]

    const { id } = await start(steps)
    const { build, said } = await ended(id)

    expect(build).toMatchObject({ outcome: 'failed', reason: 'step_failed' })
    expect(statuses(build)).toEqual(['failed', 'failed', 'skipped', 'succeeded'])
    expect(build.steps.map(({ exitCode }) => exitCode)).toEqual([2, 1, undefined, 0])
    expect(said).toBe('lint\ntest\nfailing\n')
  })

  test('takes scripts with everything that a shell could trip over as they are', async () => {
    const odd = `it's "a" \`b\` $HOME \\ \t * ? ~ ; & | < > ( ) { } ! # é 日本 %s %n`
    const steps = [{ script: `cat <<'END'\n${odd}\nEND` }, { script: 'printf %s "$ODD"' }]

    const { id } = await start(steps, { environment: { ODD: odd } })
    const { said } = await ended(id)

    expect(said).toBe(`${odd}\n${odd}`)
  })

  test('is aborted in the middle of a step, whose processes are gone when it has ended', async () => {
    const mark = `drydock-abort-${process.pid}`
    const { id } = await start([
      { script: `sh -c 'exec -a x sleep 7200' ${mark} & echo begun; sleep 7200 # ${mark}` },
      { script: 'echo never', always: true },
    ])
    await begun(id, 'begun')
    const alive = mentioning(mark).length

    const answer = await here.client.abortBuild({ id })
    const { build } = await ended(id)

    expect(alive).toBeGreaterThan(0)
    expect(answer).toMatchObject({ outcome: 'aborted' })
    expect(build).toMatchObject({ status: 'ended', outcome: 'aborted' })
    expect(statuses(build)).toEqual(['stopped', 'skipped'])
    expect(mentioning(mark)).toEqual([])
    expect(await here.client.abortBuild({ id })).toMatchObject({ status: 'ended', outcome: 'aborted' })
  })

  test('is restarted in a generation that never meets the one before', async () => {
    const script = 'test ! -e left || exit 9; touch left; echo "begun $DRYDOCK_GENERATION"; exec sleep 7200'
    const first = await start([{ script }])
    await begun(first.id, 'begun 1')

    await here.client.restartBuild({ id: first.id })
    await begun(first.id, 'begun 2')
    const second = await here.client.getBuild({ id: first.id })
    await here.client.abortBuild({ id: first.id })
    const { build } = await ended(first.id)

    const old = await here.client.getLease({ id: first.leaseId })
    const young = await here.client.getLease({ id: second.leaseId })
    expect(second).toMatchObject({ status: 'running', generation: 2 })
    expect(build).toMatchObject({ generation: 2, outcome: 'aborted' })
    expect(Date.parse(young.createdAt)).toBeGreaterThanOrEqual(Date.parse(old.destroyedAt ?? ''))
    expect(young.epoch).toBeGreaterThan(old.epoch ?? Infinity)
  })

  test('that ended is restarted as it was asked for', async () => {
    const { id } = await start([{ script: 'echo "$DRYDOCK_GENERATION"' }])
    await ended(id)

    await here.client.restartBuild({ id })
    const { build, said } = await ended(id)

    expect(build).toMatchObject({ generation: 2, outcome: 'succeeded' })
    expect(said).toBe('2\n')
  })

  test('of a commit that does not exist fails by its own fault, and leaves nothing', async () => {
    const { id } = await start([{ script: 'true' }], { commit: 'f'.repeat(40) })

    const { build } = await ended(id)

    expect(build).toMatchObject({ outcome: 'failed', reason: 'request_failed' })
    expect(statuses(build)).toEqual(['skipped'])
  })

  test('whose step takes too long fails by that', async () => {
    const { id } = await start([{ script: 'sleep 7200', timeoutSeconds: 1 }])

    const { build } = await ended(id)

    expect(build).toMatchObject({ outcome: 'failed', reason: 'step_failed' })
    expect(build.steps[0]).toMatchObject({ status: 'failed', cause: 'timeout' })
  })

  test('whose tenant has no secret tells no webhook, and says so', async () => {
    const { id } = await start([{ script: 'true' }], { webhook: { url: 'https://hooks.example.org/' } })
    await ended(id)

    await eventually('the webhook was given up', async () => {
      const { webhook } = await here.client.getBuild({ id })
      return webhook?.status === 'failed'
    })

    expect((await here.client.getBuild({ id })).webhook).toMatchObject({
      detail: 'no secret is registered for the tenant',
      tries: 1,
    })
  })

  test('waits its turn: two on one slot follow each other, and both are told in the list', async () => {
    const [one, two] = await Promise.all([
      start([{ script: 'echo one; sleep 0.3' }], { note: 'pair' }),
      start([{ script: 'echo two; sleep 0.3' }], { note: 'pair' }),
    ])

    const both = await Promise.all([ended(one.id), ended(two.id)])

    const listed = (await here.client.listBuilds({ repository: REPOSITORY, status: 'ended' })).builds
    const [first, second] = both
      .map(({ build }) => [Date.parse(build.startedAt ?? ''), Date.parse(build.endedAt ?? '')] as const)
      .toSorted(([a], [b]) => a - b)
    expect(both.map(({ said }) => said)).toEqual(['one\n', 'two\n'])
    expect(second?.[0]).toBeGreaterThanOrEqual(first?.[1] ?? Infinity)
    expect(listed.map(({ id }) => id)).toEqual(expect.arrayContaining([one.id, two.id]))
  })
})
