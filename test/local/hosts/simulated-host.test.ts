import { mkdtempSync, rmSync } from 'node:fs'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { generateKeyPair } from '../../../infra/local/hosts/keys.ts'
import { startSimulatedHost } from '../../../infra/local/hosts/simulated-host.ts'

const { publicKey: authorizedKey } = generateKeyPair()
let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'simulated-host-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

const start = async (port?: number) =>
  startSimulatedHost({ directory, authorizedKey, name: 'alpha', ...(port === undefined ? {} : { port }) })

test('a host is reached as before after a restart in its directory: same port, same key', async () => {
  const before = await start()
  await before.close()

  const after = await start()
  await after.close()

  expect([after.reach.port, after.reach.hostKey]).toEqual([before.reach.port, before.reach.hostKey])
})

test('a host whose port somebody else has meanwhile takes another one, and keeps that', async () => {
  const before = await start()
  await before.close()
  const stranger = createServer().listen(before.reach.port, '127.0.0.1')
  await once(stranger, 'listening')

  const after = await start()
  await after.close()
  stranger.close()
  await once(stranger, 'close')
  const again = await start()
  await again.close()

  expect(after.reach.port).not.toBe(before.reach.port)
  expect(again.reach.port).toBe(after.reach.port)
})

test('a port that was asked for and is taken is refused', async () => {
  const host = await start()

  await expect(start(host.reach.port)).rejects.toMatchObject({ code: 'EADDRINUSE' })

  await host.close()
})
