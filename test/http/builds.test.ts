import { expect, test } from 'vitest'
import { build as schema, buildOutput, buildPage } from '../../lib/contract/build.ts'
import { openGateway } from './support/gateway.ts'
import type { Gateway, Sent } from './support/gateway.ts'
import { freshKey } from './support/lease.ts'

const STEPS = [
  { name: 'make', script: 'make' },
  { script: 'make test', continueOnError: true },
]

const ask = async (gateway: Gateway, more: object = {}, sent: Sent = {}) =>
  gateway.send('POST', '/v1/builds', {
    token: gateway.ci,
    body: { repository: 'example', commit: 'main', steps: STEPS, ...more },
    headers: freshKey(),
    ...sent,
  })

test('a build is made, ends, and says so in the form that the contract names', async () => {
  const gateway = await openGateway()

  const made = await ask(gateway, { environment: { SECRET: 'hunter2' }, note: 'job 7' })
  const at = `/v1/builds/${String(made.body['id'])}`
  await gateway.world.settle()
  const ended = await gateway.send('GET', `${at}?wait=20`, { token: gateway.ci })
  const output = await gateway.send('GET', `${at}/output`, { token: gateway.ci })
  const events = await gateway.send('GET', `${at}/events`, { token: gateway.ci })
  const list = await gateway.send('GET', '/v1/builds?status=ended', { token: gateway.ci })

  expect(made).toMatchObject({ status: 201, headers: { location: at, etag: '"1"' } })
  expect(schema.parse(made.body)).toMatchObject({ status: 'waiting', note: 'job 7', retriesLeft: 0 })
  expect(schema.parse(ended.body)).toMatchObject({
    status: 'ended',
    outcome: 'succeeded',
    source: { commit: 'main' },
    steps: [
      { number: 1, name: 'make', status: 'succeeded', exitCode: 0, output: `${at}/output?step=1` },
      { number: 2, name: '2', status: 'succeeded', continueOnError: true },
    ],
  })
  expect(buildOutput.parse(output.body)).toMatchObject({ generation: 1, ended: true })
  expect(buildPage.parse(list.body).builds).toHaveLength(1)
  expect(events.body['events']).toHaveLength(5)
  expect(JSON.stringify([made, ended, list, events])).not.toContain('hunter2')
})

test('an abort and a restart answer with the build as it is then', async () => {
  const gateway = await openGateway()
  const made = await ask(gateway)
  const at = `/v1/builds/${String(made.body['id'])}`

  const aborted = await gateway.send('DELETE', at, { token: gateway.ci })
  await gateway.world.settle()
  const again = await gateway.send('DELETE', at, { token: gateway.ci })
  const headers = freshKey()
  const restarted = await gateway.send('POST', `${at}/restart`, { token: gateway.ci, headers })
  const repeated = await gateway.send('POST', `${at}/restart`, { token: gateway.ci, headers })
  await gateway.world.settle()
  const ended = await gateway.send('GET', at, { token: gateway.ci })

  expect(aborted).toMatchObject({ status: 200, body: { status: 'releasing', outcome: 'aborted' } })
  expect(again).toMatchObject({ status: 200, body: { status: 'ended', outcome: 'aborted' } })
  expect(restarted).toMatchObject({ status: 202, body: { status: 'waiting', generation: 2 } })
  expect(repeated).toMatchObject({ status: 202, body: { generation: 2 } })
  expect(ended.body).toMatchObject({ status: 'ended', outcome: 'succeeded', generation: 2 })
})

test('a webhook shows what became of it', async () => {
  const gateway = await openGateway()
  const url = 'https://hooks.example.org/ci'
  const made = await ask(gateway, { webhook: { url } })
  await gateway.world.settle()

  const ended = await gateway.send('GET', `/v1/builds/${String(made.body['id'])}`, { token: gateway.ci })

  expect(made.body['webhook']).toEqual({ url, status: 'none', tries: 0 })
  expect(ended.body['webhook']).toEqual({ url, status: 'delivered', tries: 1 })
  expect(gateway.world.posted).toHaveLength(1)
})

test.each([
  ['a variable that is ours', { environment: { DRYDOCK_STEP: 'x' } }, 400, 'malformed'],
  ['a NUL in a script', { steps: [{ script: 'a\u0000b' }] }, 400, 'malformed'],
  ['a name with a line break', { steps: [{ name: 'a\nb', script: 'true' }] }, 400, 'malformed'],
  ['too many retries', { retries: 6 }, 400, 'malformed'],
  ['a step without a script', { steps: [{ name: 'a' }] }, 422, 'no_script'],
  ['no steps', { steps: [] }, 422, 'too_many_steps'],
  ['too many steps', { steps: Array.from({ length: 51 }, () => STEPS[0]) }, 422, 'too_many_steps'],
  ['a timeout of 0', { steps: [{ script: 'true', timeoutSeconds: 0 }] }, 422, 'too_short'],
  ['a timeout above the maximum', { steps: [{ script: 'true', timeoutSeconds: 90_000 }] }, 422, 'too_long'],
  ['a ref with ..', { commit: 'a..b' }, 422, 'bad_ref'],
  ['a ref that begins with -', { commit: '-x' }, 422, 'bad_ref'],
  ['a ref with a control character', { commit: 'a\u0007' }, 422, 'bad_ref'],
  ['an unknown repository', { repository: 'nowhere' }, 422, 'unknown_repository'],
  ['a webhook to this machine', { webhook: { url: 'https://127.0.0.1/' } }, 422, 'bad_webhook'],
  ['a script that is too large', { steps: [{ script: 'x'.repeat(100_001) }] }, 413, 'too_large'],
])('%s is refused by its own code, and nothing is left', async (_, more, status, code) => {
  const gateway = await openGateway()
  const before = gateway.world.table.items().length

  const reply = await ask(gateway, more)

  expect(reply).toMatchObject({ status, body: { code } })
  expect(gateway.world.table.items()).toHaveLength(before)
})
