import { appendFileSync, existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { freshSlot, type OpenHosts, openSlot, valueOf } from '../support/hosts/open-hosts.ts'
import { openShellHost } from '../support/hosts/shell.ts'

const changed = { kind: 'failed', fault: 'host', code: 'script_changed' }

function hostWithTrap(): OpenHosts & { readonly trap: string; readonly scripts: () => readonly string[] } {
  const host = openShellHost()
  onTestFinished(() => host.close())
  const bin = join(host.target.directory, 'bin')
  return {
    ...host,
    trap: join(host.target.directory, 'sprung'),
    scripts: () => readdirSync(bin).map((name) => join(bin, name)),
  }
}

test.each(['probe', 'init', 'open', 'close', 'checkout'] as const)(
  'a host script that somebody changed is not executed by %s, and that is told',
  async (verb) => {
    const host = hostWithTrap()
    const { hosts, target } = host
    const slot = await openSlot(host)
    for (const script of host.scripts()) appendFileSync(script, `\n: >'${host.trap}'\n`)

    const answer = await {
      probe: () => hosts.probe(target),
      init: () => hosts.init(target, { ...slot, seen: slot.nonce }),
      open: () => hosts.open(target, { ...slot, epoch: 2 }),
      close: () => hosts.close(target, slot),
      checkout: () =>
        hosts.checkout(target, slot, {
          repository: 'sample',
          url: 'https://example.com/a.git',
          commit: 'main',
          allowFile: false,
          fetchTimeoutSeconds: 1,
          waitSeconds: 0,
        }),
    }[verb]()

    expect(answer).toMatchObject(changed)
    expect(existsSync(host.trap)).toBe(false)
  },
)

test('a host script that is gone is put there again', async () => {
  const host = hostWithTrap()
  const at = await freshSlot(host)
  for (const script of host.scripts()) rmSync(script)

  valueOf(await host.hosts.open(host.target, at(1)))

  expect(host.scripts()).toHaveLength(1)
})

test('a probe tells what the host is fit for', async () => {
  const host = hostWithTrap()
  const before = Date.now()

  const probe = valueOf(await host.hosts.probe(host.target))

  expect(probe).toMatchObject({ isolation: 'process', git: expect.stringMatching(/^\d+\.\d+/) })
  expect(probe.clock).toBeGreaterThanOrEqual(before)
  expect(probe.clock).toBeLessThanOrEqual(Date.now())
  expect(probe.diskFreeBytes).toBeGreaterThan(0)
  expect(probe.diskTotalBytes).toBeGreaterThanOrEqual(probe.diskFreeBytes)
})
