import { existsSync, mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import type { CommandFaults, SendFault } from '../../../infra/local/ssm/commands/faults.ts'
import { createSsmHosts } from '../../../lib/adapters/ssm/hosts.ts'
import { loadHostScript } from '../../../lib/host/script.ts'
import { output, runScript, startCommand } from '../../support/hosts/commands.ts'
import { openManagedHost } from '../../support/hosts/managed.ts'
import { freshSlot, openSlot, valueOf } from '../../support/hosts/open-hosts.ts'

const open = async (options: Parameters<typeof openManagedHost>[0] = {}) => {
  const host = await openManagedHost(options)
  onTestFinished(() => host.close())
  return host
}

/** A fault that can be switched on once the host is ready. */
function switched(fault: SendFault): { faults: CommandFaults; on(times?: number): void; sent(): number } {
  let left = 0
  let sent = 0
  return {
    faults: {
      onSend: () => {
        sent += 1
        left -= 1
        return left >= 0 ? fault : undefined
      },
    },
    on: (times = 1_000) => {
      left = times
      sent = 0
    },
    sent: () => sent,
  }
}

test('a command that the service does not take for now is nobody’s fault', async () => {
  const throttled = switched({ throttled: true })
  const host = await open({ faults: throttled.faults })
  throttled.on()

  const answer = await host.hosts.probe(host.target)

  expect(answer).toMatchObject({ kind: 'busy', detail: expect.stringContaining('ThrottlingException') })
  expect(throttled.sent()).toBe(1)
})

test.each(['throttled', 'broken'] as const)('looks that are %s are taken again', async (fault) => {
  const host = await open({ faults: { onLook: (place) => (place % 3 === 0 ? undefined : fault) } })

  const answer = await host.hosts.probe(host.target)

  expect(answer).toMatchObject({ kind: 'done' })
})

test('a command that the service has not heard of yet is waited for', async () => {
  const host = await open({ delays: { delivery: 0, visible: 150, result: 0 } })

  const answer = await host.hosts.probe(host.target)

  expect(answer).toMatchObject({ kind: 'done' })
})

test('a host whose result never comes is unreachable, when the verb’s time is up', async () => {
  const lost = switched({ resultLost: true })
  const clock = hurried()
  const host = await open({ faults: lost.faults, hosts: { clock } })
  lost.on()

  const answer = await host.hosts.probe(host.target)

  expect(answer).toMatchObject({ kind: 'failed', fault: 'host', code: 'unreachable' })
  expect(clock.slept()).toBe(30_000)
  expect(lost.sent()).toBe(1)
})

test('a node that is offline is unreachable', async () => {
  const clock = hurried()
  const host = await open({ hosts: { clock } })
  host.commands.setOnline(host.target.instance, false)

  const answer = await host.hosts.probe(host.target)

  expect(answer).toMatchObject({ kind: 'failed', fault: 'host', code: 'unreachable' })
  expect(existsSync(host.target.directory)).toBe(false)
})

test('a payload that comes after its time is refused by the host’s own clock, and nothing of it is done', async () => {
  const host = await open()
  const at = await freshSlot(host)
  const behind = { now: () => Date.now() - 120_000, sleep: async () => undefined }
  const late = createSsmHosts({ ...host.options, clock: behind })

  const answer = await late.open(host.target, at(1))
  const after = await host.hosts.cancel(host.target, at(1), 1)

  expect(answer).toMatchObject({
    kind: 'failed',
    fault: 'host',
    code: 'unreachable',
    detail: expect.stringMatching(/its clock is 1[12]\d s ahead of ours/),
  })
  expect(after).toMatchObject({ kind: 'refused', code: 'opening' })
})

test.each([1, 30, 2_000])('an answer that was cut after %i characters is no answer', async (characters) => {
  const cut = switched({ outputCharacters: characters })
  const host = await open({ faults: cut.faults })
  const slot = await openSlot(host)
  await startCommand(host, slot, { argv: ['seq', '1', '4000'] })
  await output(host, slot, 1)
  cut.on()

  const answer = await host.hosts.follow(host.target, slot, {
    number: 1,
    stdoutOffset: 0,
    stderrOffset: 0,
    maxBytes: 1_000_000,
    waitSeconds: 0,
  })

  expect(answer).toMatchObject({ kind: 'failed', fault: 'host', code: 'script_failed' })
  expect(answer).toHaveProperty('detail', expect.stringContaining(`${characters} characters`))
})

test('the largest slice of output fits into an answer, whichever stream it is of', async () => {
  const host = await open()
  const slot = await openSlot(host)

  const { stdout, stderr } = await runScript(host, slot, 1, 'seq 1 20000; seq 1 20000 >&2')

  const numbers = Array.from({ length: 20_000 }, (_, at) => `${at + 1}\n`).join('')
  expect([stdout.toString() === numbers, stderr.toString() === numbers]).toEqual([true, true])
})

test('a command that a node gets twice runs once', async () => {
  const twice = switched({ times: 2 })
  const host = await open({ faults: twice.faults })
  const slot = await openSlot(host)
  twice.on()

  await startCommand(host, slot, { argv: ['sh', '-c', 'echo once >>"$TMPDIR/count"; cat "$TMPDIR/count"'] })
  const { stdout, end } = await output(host, slot, 1)

  expect(stdout.toString()).toBe('once\n')
  expect(end).toMatchObject({ exitCode: 0 })
})

test('a payload larger than a message comes in parts', async () => {
  const host = await open()
  const slot = await openSlot(host)
  const environment = { LARGE: 'é'.repeat(30_000) }

  await startCommand(host, slot, { argv: ['sh', '-c', 'printf %s "$LARGE"'], environment })
  const { stdout } = await output(host, slot, 1)

  expect(stdout.toString() === environment.LARGE).toBe(true)
})

test('parts are gone when none of their message can come any more, also where the last one never came', async () => {
  const host = await open()
  valueOf(await host.hosts.probe(host.target))
  const spool = join(host.target.directory, 'spool')
  const fresh = readdirSync(spool)
  mkdirSync(join(spool, 'cut'))
  for (const name of [...fresh, 'cut']) utimesSync(join(spool, name), 0, 0)

  valueOf(await host.hosts.probe(host.target))

  expect(fresh).toHaveLength(1) // of the script
  expect(readdirSync(spool)).toEqual([])
})

test('parts that a node gets twice make one payload', async () => {
  const twice = switched({ times: 2 })
  const host = await open({ faults: twice.faults })
  const slot = await openSlot(host)
  twice.on()

  await startCommand(host, slot, { argv: ['sh', '-c', 'printf %s "$1" | wc -c', 'sh', 'x'.repeat(60_000)] })
  const { stdout } = await output(host, slot, 1)

  expect(stdout.toString().trim()).toBe('60000')
})

test('a host that has lost the script gets it again', async () => {
  const host = await open()
  valueOf(await host.hosts.probe(host.target))
  rmSync(join(host.target.directory, 'bin'), { recursive: true })

  const answer = await host.hosts.probe(host.target)

  const { sha256 } = loadHostScript()
  expect(answer).toMatchObject({ kind: 'done' })
  expect(readdirSync(join(host.target.directory, 'bin'))).toEqual([`host-${sha256}.sh`])
})

test('no other script than the one of the document gets onto a host', async () => {
  const text = '#!/bin/sh\necho done\necho end\n'
  const host = await open({ hosts: { script: { text, sha256: 'f'.repeat(64) } } })

  const answer = await host.hosts.probe(host.target)

  expect(answer).toMatchObject({ kind: 'failed', code: 'script_failed' })
  expect(answer).toHaveProperty('detail', expect.stringContaining('refused install: another script'))
  expect(readdirSync(join(host.target.directory, 'bin'))).toEqual([])
})

test('a host on which nothing can be written says so', async () => {
  const host = await open()
  writeFileSync(host.target.directory, 'a file in its place')

  const answer = await host.hosts.probe(host.target)

  expect(answer).toMatchObject({ kind: 'failed', fault: 'host', code: 'script_failed' })
})

test.each([
  ['a node that nobody registered', { instance: 'i-00000000000000000' }, 'unreachable'],
  ['a directory that begins nowhere', { directory: 'drydock' }, 'script_failed'],
  ['a directory that climbs', { directory: '/tmp/../tmp/x' }, 'script_failed'],
  ['a directory that would be a line of its own', { directory: '/tmp\ntask=close' }, 'script_failed'],
])('%s gets nothing to do', async (_what, change, code) => {
  const host = await open()

  const answer = await host.hosts.probe({ ...host.target, ...change })

  expect(answer).toMatchObject({ kind: 'failed', fault: 'host', code })
  expect(existsSync(join(host.target.directory, 'bin'))).toBe(false)
})

test('a document that is not there, or not yet, is nobody’s fault', async () => {
  const host = await open({ hosts: { document: 'drydock-host-of-tomorrow' } })

  const answer = await host.hosts.probe(host.target)

  expect(answer).toMatchObject({ kind: 'busy', detail: expect.stringContaining('InvalidDocument') })
})

/** A clock on which waiting takes a hundredth of its time, and that counts how long was waited by it. */
function hurried() {
  let slept = 0
  const began = Date.now()
  return {
    now: () => began + slept,
    sleep: async (milliseconds: number) => {
      slept += milliseconds
      await delay(milliseconds / 100)
    },
    slept: () => slept,
  }
}
