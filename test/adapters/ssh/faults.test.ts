import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest'
import { fingerprintOf, generateKeyPair } from '../../../infra/local/hosts/keys.ts'
import { createSshHosts } from '../../../lib/adapters/ssh/hosts.ts'
import type { TargetOver } from '../../../lib/app/ports/hosts.ts'
import { openOpenSshHost } from '../../support/hosts/openssh.ts'
import {
  openSlot,
  type OpenHosts,
  removeHost,
  temporaryDirectory,
  valueOf,
} from '../../support/hosts/open-hosts.ts'
import { startCommand } from '../../support/hosts/commands.ts'
import { openSimulatedHost } from '../../support/hosts/simulated.ts'
import { hasOpenSsh } from '../../support/openssh.ts'

let host: OpenHosts<TargetOver<'ssh'>>
beforeEach(async () => {
  host = await openSimulatedHost()
})
afterEach(() => host.close())

const at = (server: Server): number => (server.address() as AddressInfo).port

async function listen(onConnection: (socket: Socket) => void): Promise<Server> {
  const server = createServer(onConnection).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}

/** Passes everything on, counts the connections, and can cut them. */
async function startRelay(port: number): Promise<{ server: Server; connections: Socket[]; cut(): void }> {
  const connections: Socket[] = []
  const server = await listen((client) => {
    const upstream = connect({ port, host: '127.0.0.1', noDelay: true })
    connections.push(client)
    client.pipe(upstream).pipe(client)
    client.on('error', () => upstream.destroy())
    upstream.on('error', () => client.destroy())
  })
  return { server, connections, cut: () => connections.forEach((socket) => socket.destroy()) }
}

const stranger = 'SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'

test.each([
  ['another key', stranger],
  ['no key', ''],
  ['a garbled key', 'SHA256:short'],
  ['another kind of fingerprint', 'MD5:00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff'],
  ['a prefix alone', 'SHA256:'],
])('a host pinned to %s is not talked to', async (_what, hostKey) => {
  const answer = await host.hosts.probe({ ...host.target, hostKey })

  expect(answer).toMatchObject({ kind: 'failed', fault: 'host', code: 'host_key_mismatch' })
})

test('a kept connection does not serve a target with another pin', async () => {
  valueOf(await host.hosts.probe(host.target))

  const answer = await host.hosts.probe({ ...host.target, hostKey: stranger })

  expect(answer).toMatchObject({ kind: 'failed', code: 'host_key_mismatch' })
})

test('a key that the host does not know is refused', async () => {
  const { privateKey } = generateKeyPair()
  const strangers = createSshHosts({ privateKey: async () => privateKey })

  const answer = await strangers.probe(host.target)

  expect(answer).toMatchObject({ kind: 'failed', fault: 'host', code: 'authentication_failed' })
  strangers.disconnect()
})

test('a host that nobody answers for is unreachable', async () => {
  const server = await listen(() => undefined)
  const port = at(server)
  server.close()
  await once(server, 'close')

  const answer = await host.hosts.probe({ ...host.target, port })

  expect(answer).toMatchObject({ kind: 'failed', fault: 'host', code: 'unreachable' })
})

test('a host that accepts and says nothing is unreachable', async () => {
  const open: Socket[] = []
  const server = await listen((socket) => open.push(socket))
  const { privateKey } = generateKeyPair()
  const impatient = createSshHosts({ privateKey: async () => privateKey, readyTimeoutMilliseconds: 100 })

  const answer = await impatient.probe({ ...host.target, port: at(server) })

  expect(answer).toMatchObject({ kind: 'failed', fault: 'host', code: 'unreachable' })
  for (const socket of open) socket.destroy()
  server.close()
})

test('a host that hangs up before its greeting is busy', async () => {
  const server = await listen((socket) => socket.end('Exceeded MaxStartups\r\n'))

  const answer = await host.hosts.probe({ ...host.target, port: at(server) })

  expect(answer).toMatchObject({ kind: 'busy' })
  server.close()
})

test('all calls to a host share one connection', async () => {
  const relay = await startRelay(host.target.port)
  const target = { ...host.target, port: at(relay.server) }

  await Promise.all([host.hosts.probe(target), host.hosts.probe(target), host.hosts.probe(target)])
  await host.hosts.probe(target)

  expect(relay.connections).toHaveLength(1)
  relay.cut()
  relay.server.close()
})

test('a connection that was lost while idle is made again', async () => {
  const relay = await startRelay(host.target.port)
  const target = { ...host.target, port: at(relay.server) }
  valueOf(await host.hosts.probe(target))
  relay.cut()

  const answer = await host.hosts.probe(target)

  expect(answer).toMatchObject({ kind: 'done' })
  relay.cut()
  relay.server.close()
})

test('a connection that is lost under a call is made again, and the call repeated', async () => {
  const relay = await startRelay(host.target.port)
  const target: TargetOver<'ssh'> = { ...host.target, port: at(relay.server) }
  const slot = await openSlot({ ...host, target })
  await startCommand({ ...host, target }, slot, { argv: ['sh', '-c', 'read -r line < go'] })
  const from = { number: 1, stdoutOffset: 0, stderrOffset: 0, maxBytes: 100, waitSeconds: 1 }

  const following = host.hosts.follow(target, slot, from)
  relay.cut()

  expect(await following).toMatchObject({ kind: 'done' })
  expect(relay.connections).toHaveLength(2)
  await host.hosts.close(target, slot)
  relay.cut()
  relay.server.close()
})

test.skipIf(!hasOpenSsh)('sessions beyond what sshd allows are busy, not failed', async () => {
  const strict = await openOpenSshHost(['MaxSessions 1'])
  onTestFinished(() => strict.close())
  const slot = await openSlot(strict)
  await startCommand(strict, slot, { argv: ['sh', '-c', 'echo ready; sleep 600'] })
  const from = { number: 1, stdoutOffset: 6, stderrOffset: 0, maxBytes: 100, waitSeconds: 2 }

  const both = await Promise.all([
    strict.hosts.follow(strict.target, slot, from),
    strict.hosts.probe(strict.target),
  ])

  expect(both.map(({ kind }) => kind).toSorted()).toEqual(['busy', 'done'])
  await strict.hosts.close(strict.target, slot)
})

test.skipIf(!hasOpenSsh).each([
  ['has others, too', []],
  ['has no other', ['HostKeyAlgorithms rsa-sha2-512']],
])('an RSA key is pinned where the host %s', async (_how, settings) => {
  const directory = temporaryDirectory()
  const rsa = generateKeyPair('rsa')
  writeFileSync(`${directory}/rsa`, rsa.privateKey, { mode: 0o600 })
  onTestFinished(() => removeHost(directory))
  const both = await openOpenSshHost([`HostKey ${directory}/rsa`, ...settings])
  onTestFinished(() => both.close())

  const answer = await both.hosts.probe({ ...both.target, hostKey: fingerprintOf(rsa.publicKey) })

  expect(answer).toMatchObject({ kind: 'done' })
})
