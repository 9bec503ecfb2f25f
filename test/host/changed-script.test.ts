import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openSlot } from '../support/hosts/open-hosts.ts'
import { openShellHost } from '../support/hosts/shell.ts'

test('a host script that is not what its name says is neither run nor replaced, whatever the verb', async () => {
  const host = openShellHost()
  onTestFinished(() => host.close())
  const slot = await openSlot(host)
  const bin = join(host.target.directory, 'bin')
  const script = join(bin, readdirSync(bin)[0] ?? '')
  const evil = `: >'${host.target.directory}/evil'\n${readFileSync(script, 'utf8')}`
  writeFileSync(script, evil)

  const answers = [
    await host.hosts.probe(host.target),
    await host.hosts.open(host.target, { ...slot, epoch: 2 }),

    await host.hosts.close(host.target, slot),
  ]

  const left = [readFileSync(script, 'utf8'), readdirSync(host.target.directory).includes('evil')]
  rmSync(script)
  const again = await host.hosts.close(host.target, slot)
  for (const answer of answers) {
    expect(answer).toMatchObject({ kind: 'failed', fault: 'host', code: 'script_changed' })
  }
  expect(left).toEqual([evil, false])
  expect(again).toMatchObject({ kind: 'done' })
})
