import { expect, test } from 'vitest'
import { createFakeRemote } from '../../lib/adapters/memory/remote.ts'
import { openGateway } from './support/gateway.ts'
import type { Gateway, Reply } from './support/gateway.ts'
import { activeLease, freshKey } from './support/lease.ts'

const START = 'a'.repeat(40)
const CONFLICT = 'c'.repeat(40)
const request = { repository: 'example', branch: 'main', source: 'b'.repeat(40), message: 'Land it' }

async function openForLandings(): Promise<Gateway> {
  const remote = createFakeRemote({ conflicts: (source) => (source === CONFLICT ? ['a.txt'] : undefined) })
  remote.setHead('example', 'main', START)
  return openGateway({
    hosts: { alpha: 2 },
    landing: { branches: ['main'], allow: ['acme'] },
    fakeHosts: { remote, command: () => 'hang' },
  })
}

const post = async (gateway: Gateway, change: object = {}, headers = freshKey()): Promise<Reply> =>
  gateway.send('POST', '/v1/landings', { token: gateway.ci, body: { ...request, ...change }, headers })

const slow = { verify: [{ name: 'slow', script: 'sleep 600' }] }

test('a landing is asked for, waited for, and answers with a receipt', async () => {
  const gateway = await openForLandings()

  const created = await post(gateway)
  await gateway.world.settle()
  const at = `/v1/landings/${String(created.body['id'])}`
  const ended = await gateway.send('GET', `${at}?wait=20`, { token: gateway.ci })

  expect(created).toMatchObject({ status: 201, headers: { location: at }, body: { status: 'leasing' } })
  expect(ended.headers['etag']).toBe(`"${String(ended.body['version'])}"`)
  expect(ended.body).toMatchObject({
    status: 'ended',
    result: 'landed',
    receipt: { before: START, source: request.source },
    execution: { arn: expect.stringContaining('drydock-landing') },
  })
})

test('one that waits for its turn says where it stands', async () => {
  const gateway = await openForLandings()
  await post(gateway, slow)
  await gateway.world.settle()

  const second = await post(gateway, { source: 'd'.repeat(40) })

  expect(second.body).toMatchObject({ status: 'queued', position: 1 })
})

test('a conflict is told with its files', async () => {
  const gateway = await openForLandings()

  const { body } = await post(gateway, { source: CONFLICT })
  await gateway.world.settle()
  const ended = await gateway.send('GET', `/v1/landings/${String(body['id'])}`, { token: gateway.ci })

  expect(ended.body).toMatchObject({ result: 'conflict', conflict: { files: ['a.txt'], head: START } })
})

test('the same key gives the same landing', async () => {
  const gateway = await openForLandings()
  const headers = freshKey()

  const replies = [await post(gateway, {}, headers), await post(gateway, {}, headers)]

  expect(new Set(replies.map((reply) => reply.body['id'])).size).toBe(1)
})

test('cancelled, it says by whom; the same answer twice', async () => {
  const gateway = await openForLandings()
  const { body } = await post(gateway, slow)
  const at = `/v1/landings/${String(body['id'])}`

  await gateway.send('DELETE', at, { token: gateway.ci })
  await gateway.world.settle()
  const again = await gateway.send('DELETE', at, { token: gateway.ci })

  expect(again.body).toMatchObject({ status: 'ended', result: 'cancelled' })
})

test('landings are listed newest first, page by page, to those whom they concern', async () => {
  const gateway = await openForLandings()
  const ids: unknown[] = []
  for (const letter of ['1', '2', '3']) {
    ids.unshift((await post(gateway, { source: letter.repeat(40) })).body['id'])
  }
  const stranger = await gateway.issue('other', ['lease'])
  const list = async (query: string, token = gateway.ci) =>
    (await gateway.send('GET', `/v1/landings?${query}`, { token })).body

  const first = await list('limit=2')
  const second = await list(`limit=2&cursor=${String(first['cursor'])}`)
  const others = [await list('', stranger), await list('branch=else'), await list('status=ended')]
  const operator = await list('tenant=acme&repository=example', gateway.operator)

  const idsOf = (page: Reply['body']) => (page['landings'] as { id: string }[]).map((one) => one.id)
  expect([...idsOf(first), ...idsOf(second)]).toEqual(ids)
  expect(others.map(idsOf)).toEqual([[], [], []])
  expect(idsOf(operator)).toEqual(ids)
})

test.each([
  ['a branch with two dots', { branch: 'a..b' }, 422, 'bad_ref'],
  ['a source that looks like an option', { source: '--all' }, 422, 'bad_ref'],
  ['a branch with control characters', { branch: 'a\u0001' }, 422, 'bad_ref'],
  ['a branch that nobody may land on', { branch: 'other' }, 403, 'branch_not_allowed'],
  ['a repository that is not there', { repository: 'nowhere' }, 422, 'unknown_repository'],
  ['a message that is too large', { message: 'x'.repeat(65_537) }, 413, 'message_too_large'],
  ['a message with a NUL', { message: 'a\u0000b' }, 400, 'malformed'],
  ['a strategy that there is not', { strategy: 'octopus' }, 400, 'malformed'],
  ['an author that would be more than one', { author: { name: 'a\nb', email: 'a@b' } }, 400, 'malformed'],
])('%s is refused with its own code', async (_, change, status, code) => {
  const gateway = await openForLandings()

  expect(await post(gateway, change)).toMatchObject({ status, body: { code } })
})

test('a repository that is open to nobody says so', async () => {
  const gateway = await openGateway()

  expect(await post(gateway)).toMatchObject({ status: 403, body: { code: 'not_landable' } })
})

test('a lease token asks for no landing', async () => {
  const gateway = await openForLandings()
  const { token } = await activeLease(gateway)

  const reply = await gateway.send('POST', '/v1/landings', { token, body: request, headers: freshKey() })

  expect(reply).toMatchObject({ status: 403, body: { code: 'not_authorized' } })
})

test('what is open for landings is in the configuration as it was given', async () => {
  const gateway = await openForLandings()

  const { body } = await gateway.send('GET', '/v1/config', { token: gateway.operator })

  expect(body).toMatchObject({
    repositories: { example: { landing: { branches: ['main'], allow: ['acme'] } } },
  })
})
