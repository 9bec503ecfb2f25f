import { expect, test } from 'vitest'
import { buildMachine } from '../../infra/machines/build.ts'
import { play } from './support/play.ts'

const arn = (name: string) => `arn:aws:lambda:eu-west-1:123456789012:function:drydock-${name}`
const definition = JSON.stringify(
  buildMachine({
    partition: 'aws',
    tableName: 'leases',
    busName: 'drydock',
    buildArn: arn('drive-build'),
    notifyArn: arn('notify'),
  }),
)
const INPUT = { buildId: 'B', generation: 2 }
const run = (script: Parameters<typeof play>[2], fates: Parameters<typeof play>[3] = []) =>
  play(definition, INPUT, script, fates)

const to = (route: string) => ({ route })
const wait = (route: string, told = 3) => ({ route, told, timeoutSeconds: 20 })
const NOTIFY = { route: 'NOTIFY', event: { buildId: 'B', outcome: 'succeeded' } }
const DONE = { route: 'DONE' }
const acts = (calls: readonly (readonly [string, unknown])[]) =>
  calls.map(([name, told]) => (name === 'build' ? (told as { act: string }).act : name))

test('a build goes from its lease through its steps and the release to its end', async () => {
  const { status, calls, published } = await run(
    {
      build: [
        wait('AWAIT_LEASE'),
        wait('AWAIT_STEP'),
        wait('AWAIT_STEP'),
        to('RELEASE'),
        wait('AWAIT_RELEASE'),
        to('RESULT'),
        NOTIFY,
      ],
      notify: [DONE],
    },
    ['awakened', 'awakened', 'awakened', 'awakened'],
  )

  expect(status).toBe('SUCCEEDED')
  expect(acts(calls)).toEqual([
    'LEASE',
    'wait',
    'STEP',
    'wait',
    'STEP',
    'wait',
    'STEP',
    'RELEASE',
    'wait',
    'RELEASE',
    'RESULT',
    'notify',
  ])
  expect(calls.filter(([name]) => name === 'wait').map(([, waited]) => waited)).toEqual([
    'waiting',
    'running',
    'running',
    'releasing',
  ])
  expect(published).toEqual([
    {
      Entries: [
        {
          EventBusName: 'drydock',
          Source: 'drydock.build',
          DetailType: 'Build Ended',
          Detail: JSON.stringify(NOTIFY.event),
        },
      ],
    },
  ])
})

test('a state that waits stores its token only while nothing was told since the last look', async () => {
  const { updates } = await run({ build: [wait('AWAIT_STEP', 7), DONE] }, ['awakened'])

  expect(updates).toEqual([
    {
      TableName: 'leases',
      Key: { PK: { S: 'BUILD#B' }, SK: { S: 'META' } },
      UpdateExpression: 'SET taskToken = :token',
      ConditionExpression: '#status = :status AND told = :told AND generation = :generation',
      ExpressionAttributeNames: { '#status': 'status' },
      ExpressionAttributeValues: {
        ':token': { S: expect.stringMatching(/.{20}/) },
        ':status': { S: 'running' },
        ':told': { N: '7' },
        ':generation': { N: '2' },
      },
    },
  ])
})

test.each([
  ['AWAIT_LEASE', 'STEP'],
  ['AWAIT_STEP', 'STEP'],
  ['AWAIT_RELEASE', 'RELEASE'],
])(
  '%s looks again, by %s, when something changed before it could wait, or its time is up',
  async (route, next) => {
    for (const fate of ['changed', 'silence'] as const) {
      const { status, calls } = await run({ build: [wait(route), DONE] }, [fate])

      expect(status).toBe('SUCCEEDED')
      expect(acts(calls)).toEqual(['LEASE', 'wait', next])
    }
  },
)

test('each call names the build, its generation and the state, and nothing else', async () => {
  const { calls } = await run({ build: [DONE] })

  expect(calls).toEqual([['build', { ...INPUT, act: 'LEASE', faulty: false }]])
})

test('a fault that lasts ends in the release of the lease, not in a step that is tried for ever', async () => {
  const rest = 4
  const script = [...Array<string>(20 * rest).fill('Fault'), to('RESULT'), DONE]

  const { status, calls } = await run({ build: script })

  const last = calls.at(-2)
  expect(status).toBe('SUCCEEDED')
  expect(last).toEqual(['build', { ...INPUT, act: 'RELEASE', faulty: true }])
  expect(calls.filter(([, told]) => (told as { faulty: boolean }).faulty)).toHaveLength(1)
})

test('faults that are mended in between are not counted together', async () => {
  const fault = Array<string>(40).fill('Fault')
  const script = [...fault, wait('AWAIT_STEP'), ...fault, DONE]

  const { status, calls } = await run({ build: script }, ['awakened'])

  expect(status).toBe('SUCCEEDED')
  expect(calls.some(([, told]) => (told as { faulty?: boolean }).faulty)).toBe(false)
})

test('an answer that is not known yet is a rest: functions and machine are deployed one after the other', async () => {
  const { status, calls } = await run({ build: [to('SOMETHING_NEW'), DONE] })

  expect(status).toBe('SUCCEEDED')
  expect(acts(calls)).toEqual(['LEASE', 'STEP'])
})

test('a webhook is told again after the seconds that the function says, and a bus that is away keeps nobody', async () => {
  const { status, calls } = await run({
    build: [NOTIFY],
    publish: ['Busy', 'Busy', 'Busy', 'Busy'],
    notify: [{ route: 'AGAIN', seconds: 5 }, { route: 'AGAIN', seconds: 30 }, DONE],
  })

  expect(status).toBe('SUCCEEDED')
  expect(acts(calls)).toEqual(['LEASE', 'notify', 'notify', 'notify'])
})

test('a webhook that cannot even be tried is given up after a while, not tried for ever', async () => {
  const always = { build: [NOTIFY], notify: Array<string>(1_000).fill('Fault') }

  const { status, calls } = await play(definition, INPUT, always, [], 300_000)

  const tries = calls.filter(([name]) => name === 'notify').length
  expect(status).toBe('SUCCEEDED')
  expect(tries).toBe(21 * 3)
})
