import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createForge, type Forge, made, merge, mergeRequest } from '../support/hosts/landings.ts'
import { openSlot, type OpenHosts, processesWith } from '../support/hosts/open-hosts.ts'
import { openShellHost } from '../support/hosts/shell.ts'

let host: OpenHosts
let forge: Forge
let source: string
beforeAll(() => {
  host = openShellHost()
  forge = createForge()
  source = forge.branch('feature', 'main', { 'b.txt': 'two\n' })
})
afterAll(async () => {
  await host.close()
  forge.close()
})

test('a merge whose worker was killed is the host’s fault, and is made when it is asked for again', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const slot = await openSlot(host)
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/x.git`
  const stuck = { ...mergeRequest(forge, { source, url, waitSeconds: 0 }), repository: 'stuck' }
  const started = await host.hosts.merge(host.target, slot, stuck)
  for (const pid of processesWith(`slots/${slot.slot}#1.landing.`)) spawnSync('kill', ['-KILL', String(pid)])

  const died = await merge(host, slot, stuck)
  const again = await made(host, slot, mergeRequest(forge, { source, number: 1 }))

  server.close()
  expect(started).toMatchObject({ kind: 'done', value: { state: 'running' } })
  expect(died).toMatchObject({ kind: 'failed', fault: 'host', code: 'script_failed' })
  expect(again).toMatchObject({ source })
})

test('a credential is in no file of the host and in no argument of a process', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  const asked = once(server, 'connection')
  await once(server, 'listening')
  const slot = await openSlot(host)
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/x.git`
  const credential = { user: 'robot', password: 'hunter2-of-the-forge' }
  const secret = Buffer.from('robot:hunter2-of-the-forge').toString('base64')
  const request = {
    ...mergeRequest(forge, { source, url, credential, waitSeconds: 0 }),
    repository: 'secret',
  }

  await host.hosts.merge(host.target, slot, request)
  await asked
  const files = spawnSync('grep', ['-rlF', '-e', secret, '-e', credential.password, host.target.directory])
  const told = readdirSync('/proc')
    .filter((name) => /^[0-9]+$/.test(name))
    .filter((pid) => existsSync(`/proc/${pid}/cmdline`) && argumentsOf(pid).includes(secret))

  await host.hosts.close(host.target, slot)
  server.close()
  expect(files.stdout.toString()).toBe('')
  expect(told).toEqual([])
})

test('what was made is in the mirror, held by a ref of its own', async () => {
  const slot = await openSlot(host)

  const { commit } = await made(host, slot, mergeRequest(forge, { source }))

  const mirror = join(host.target.directory, 'mirrors/forge.git')
  await host.hosts.close(host.target, slot)
  expect(existsSync(join(mirror, 'refs/lease', commit))).toBe(true)
})

function argumentsOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return '' // it has ended since
  }
}
