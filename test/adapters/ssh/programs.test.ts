import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bundle } from '../../../infra/bundle.ts'
import { removeHost, temporaryDirectory } from '../../support/hosts/open-hosts.ts'
import { openSimulatedHost } from '../../support/hosts/simulated.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const program = 'test/support/hosts/one-probe.ts'

let host: Awaited<ReturnType<typeof openSimulatedHost>>
let directory: string
beforeAll(async () => {
  host = await openSimulatedHost()
  directory = temporaryDirectory()
  const companions = { 'lib/host/script.ts': 'lib/host/script' }
  await bundle({ root, entries: { probe: program }, directory, companions })
})
afterAll(async () => {
  await host.close()
  removeHost(directory)
})

test.each([
  ['from its sources', () => `${root}/${program}`],
  ['as a CommonJS bundle', () => `${directory}/probe/index.cjs`],
])('a program %s finds the host script, and ends by itself with its connection open', async (_how, file) => {
  const PROBE = JSON.stringify({ target: host.target, privateKey: host.privateKey })

  const child = spawn(process.execPath, [file()], { env: { PROBE }, stdio: ['ignore', 'pipe', 'pipe'] })
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ])

  expect({ stdout, stderr, code }).toEqual({ stdout: 'done', stderr: '', code: 0 })
})
