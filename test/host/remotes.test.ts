import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { checkout, checkoutRequest } from '../support/hosts/checkouts.ts'
import {
  freshSlot,
  openSlot,
  type OpenHosts,
  temporaryDirectory,
  valueOf,
} from '../support/hosts/open-hosts.ts'
import { createRepository, type SampleRepository } from '../support/hosts/repositories.ts'
import { openShellHost } from '../support/hosts/shell.ts'

let host: OpenHosts
let repository: SampleRepository
let commit: string
beforeAll(() => {
  host = openShellHost()
  repository = createRepository()
  commit = repository.commit({ 'a.txt': 'one\n' })
})
afterAll(async () => {
  await host.close()
  repository.close()
})

const mirrorOf = (name: string): string => join(host.target.directory, 'mirrors', `${name}.git`)

test.each([
  'ext::sh -c "touch /tmp/evil"',
  'fd::0',
  'file:///etc',
  '/etc',
  '../relative',
  '--upload-pack=touch',
  '-oProxyCommand=touch',
  'ssh://-oProxyCommand=touch/x',
  'ssh://user@-oProxyCommand=touch/x',
  'user@-oProxyCommand=touch:x',
  'http://example.org/x.git',
  'git://example.org/x.git',
  'ftp://example.org/x.git',
  'https://',
  'https://example.org/x\n.git',
  'https://example.org/x\r',
  'https://example.org/\u007f',
  '',
])('the address %j is refused unless it was registered as a local one', async (url) => {
  const slot = await openSlot(host)

  const answer = await checkout(host, slot, { ...checkoutRequest(repository, commit), url, allowFile: false })

  expect(answer).toMatchObject({ kind: 'failed', fault: 'request', code: 'bad_url' })
})

test.each(['ext::sh -c "touch /tmp/evil"', 'relative/path', 'file://host/path', 'fd::3'])(
  'to allow local repositories does not allow %j',
  async (url) => {
    const slot = await openSlot(host)

    const answer = await checkout(host, slot, { ...checkoutRequest(repository, commit), url })

    expect(answer).toMatchObject({ kind: 'failed', fault: 'request', code: 'bad_url' })
  },
)

test('a remote that is not there is the remote’s fault, and leaves no mirror', async () => {
  const slot = await openSlot(host)
  const request = { ...checkoutRequest(repository, commit), repository: 'gone', url: '/no/such/repository' }

  const answer = await checkout(host, slot, request)

  expect(answer).toMatchObject({ kind: 'failed', fault: 'remote', code: 'fetch_failed' })
  expect(existsSync(mirrorOf('gone'))).toBe(false)
})

test('a remote that does not answer is given up at the deadline', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const slot = await openSlot(host)
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/x.git`
  const request = {
    ...checkoutRequest(repository, commit),
    repository: 'silent',
    url,
    fetchTimeoutSeconds: 2,
  }

  const answer = await checkout(host, slot, request)

  expect(answer).toMatchObject({ kind: 'failed', fault: 'remote', code: 'fetch_failed' })
  server.close()
})

test('a checkout that failed is tried anew when it is asked for again', async () => {
  const slot = await openSlot(host)
  const late = createRepository()
  const request = { ...checkoutRequest(late, 'main'), repository: 'late' }
  const before = await checkout(host, slot, request)
  const added = late.commit({ 'a.txt': 'late\n' })

  const after = await checkout(host, slot, request)

  expect(before).toMatchObject({ kind: 'failed', fault: 'request', code: 'unknown_commit' })
  expect(valueOf(after)).toMatchObject({ state: 'done', receipt: { commit: added, fetched: true } })
  late.close()
})

test('one lease has one commit of a repository', async () => {
  const slot = await openSlot(host)
  valueOf(await checkout(host, slot, checkoutRequest(repository, commit)))

  const other = await checkout(host, slot, checkoutRequest(repository, 'main'))

  expect(other).toMatchObject({ kind: 'failed', fault: 'request', code: 'bad_payload' })
})

test('a shallow clone is refused as a source', async () => {
  const deep = createRepository()
  deep.commit({ 'a.txt': 'one\n' })
  const tip = deep.commit({ 'a.txt': 'two\n' })
  const directory = temporaryDirectory()
  deep.git('clone', '-q', '--depth', '1', `file://${deep.directory}`, directory)
  const slot = await openSlot(host)
  const request = { ...checkoutRequest(repository, tip), repository: 'shallow', url: directory }

  const answer = await checkout(host, slot, request)

  expect(answer).toMatchObject({ kind: 'failed', fault: 'request', code: 'shallow_source' })
  expect(existsSync(mirrorOf('shallow'))).toBe(false)
  deep.close()
  spawnSync('rm', ['-rf', directory])
})

test('a server that gives out refs only is asked for all of them', async () => {
  const old = openShellHost()
  // What an ssh server does that does not pass GIT_PROTOCOL on: version 0, where ids cannot be asked for.
  const settings = ['GIT_CONFIG_COUNT=1', 'GIT_CONFIG_KEY_0=protocol.version', 'GIT_CONFIG_VALUE_0=0', '']
  writeFileSync(join(old.target.directory, 'environment'), settings.join('\n'))
  const source = createRepository()
  const inside = source.commit({ 'a.txt': 'one\n' })
  source.commit({ 'a.txt': 'two\n' })
  const slots = [await openSlot(old), await openSlot(old)] as const

  const found = await checkout(old, slots[0], checkoutRequest(source, inside))
  const missing = await checkout(old, slots[1], checkoutRequest(source, 'e'.repeat(40)))

  expect(valueOf(found)).toMatchObject({ state: 'done', receipt: { commit: inside } })
  expect(missing).toMatchObject({ kind: 'failed', fault: 'request', code: 'unknown_commit' })
  source.close()
  await old.close()
})

test('what a killed fetch left in the mirror is in nobody’s way', async () => {
  const source = createRepository()
  const first = source.commit({ 'a.txt': 'one\n' })
  const slots = [await openSlot(host), await openSlot(host)] as const
  const request = { ...checkoutRequest(source, first), repository: 'killed' }
  valueOf(await checkout(host, slots[0], request))
  const second = source.commit({ 'a.txt': 'two\n' })
  for (const left of ['config.lock', `refs/lease/${second}.lock`, 'objects/pack/tmp_pack_abc']) {
    writeFileSync(join(mirrorOf('killed'), left), '')
  }

  const answer = await checkout(host, slots[1], { ...request, commit: second })

  expect(valueOf(answer)).toMatchObject({ state: 'done', receipt: { commit: second } })
  expect(existsSync(join(mirrorOf('killed'), 'objects/pack/tmp_pack_abc'))).toBe(false)
  source.close()
})

test('slots that want the same new repository at once share one mirror', async () => {
  const slots = [await openSlot(host), await openSlot(host), await openSlot(host)]
  const request = { ...checkoutRequest(repository, commit), repository: 'shared' }

  const answers = await Promise.all(slots.map((slot) => checkout(host, slot, request)))

  expect(answers.map(valueOf)).toEqual(
    slots.map(() => expect.objectContaining({ receipt: expect.objectContaining({ commit }) })),
  )
})

test('a repository of SHA-256 objects is checked out, too', async () => {
  const modern = createRepository('--object-format=sha256')
  const id = modern.commit({ 'a.txt': 'one\n' })
  const at = await freshSlot(host)
  const request = { ...checkoutRequest(modern, id), repository: 'modern' }

  const receipts = []
  for (const [epoch, wanted] of [
    [1, id],
    [2, 'main'],
  ] as const) {
    valueOf(await host.hosts.open(host.target, at(epoch)))
    receipts.push(valueOf(await checkout(host, at(epoch), { ...request, commit: wanted })))
    valueOf(await host.hosts.close(host.target, at(epoch)))
  }

  const receipt = { commit: id, tree: modern.git('rev-parse', `${id}^{tree}`) }
  expect(receipts).toMatchObject([
    { state: 'done', receipt },
    { state: 'done', receipt },
  ])
  modern.close()
})

test('a checkout that takes longer than the call goes on by itself', async () => {
  const slot = await openSlot(host)
  const request = { ...checkoutRequest(repository, commit), repository: 'slow' }

  const started = valueOf(await host.hosts.checkout(host.target, slot, { ...request, waitSeconds: 0 }))
  const ended = valueOf(await checkout(host, slot, request))

  expect(started).toMatchObject({ state: 'running', phase: expect.any(String) })
  expect(ended).toMatchObject({ state: 'done', receipt: { commit } })
})

test('closing the slot ends its checkout', async () => {
  const slot = await openSlot(host)
  const request = { ...checkoutRequest(repository, commit), repository: 'ended', waitSeconds: 0 }
  await host.hosts.checkout(host.target, slot, request)

  const closed = await host.hosts.close(host.target, slot)
  const after = await host.hosts.checkout(host.target, slot, request)

  expect(closed).toMatchObject({ kind: 'done' })
  expect(after).toMatchObject({ kind: 'refused', code: 'closed' })
})

test.each(['../../etc', '.hidden', 'with space', 'a/b', 'ümlaut', '%2E', "it's", '-n'])(
  'a repository may be named %j',
  async (repositoryName) => {
    const slot = await openSlot(host)

    const answer = await checkout(host, slot, {
      ...checkoutRequest(repository, commit),
      repository: repositoryName,
    })

    const { path } = (valueOf(answer) as { receipt: { path: string } }).receipt
    expect(path.slice(0, path.lastIndexOf('/'))).toBe(`${host.target.directory}/slots/${slot.slot}/copies`)
  },
)
