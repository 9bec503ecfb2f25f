import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { runScript } from '../support/hosts/commands.ts'
import { openSlot } from '../support/hosts/open-hosts.ts'
import { openShellHost } from '../support/hosts/shell.ts'

test.each([
  { status: 'open', epoch: 1, starts: true },
  { status: 'closed', epoch: 1, starts: false },
  { status: 'opening', epoch: 2, starts: false },
  { status: 'open', epoch: 2, starts: false },
])(
  'a supervisor that nobody noted looks itself: $status at epoch $epoch, its job starts: $starts',
  async ({ status, epoch, starts }) => {
    const host = openShellHost()
    onTestFinished(() => host.close())
    const { slot, nonce } = await openSlot(host)
    await runScript(host, { slot, nonce, epoch: 1 }, 1, ': >"$HOME/../started"')
    const directory = join(host.target.directory, 'slots', String(slot))
    const commands = join(directory, 'lease/1/commands')
    const started = join(directory, 'lease/1/started')
    spawnSync('rm', [started])
    cpSync(join(commands, '1.request'), join(commands, '2.request'))
    const state = readFileSync(join(directory, 'state'), 'utf8')
    writeFileSync(join(directory, 'state'), state.replace('1 open', `${epoch} ${status}`))
    const [script = ''] = readdirSync(join(host.target.directory, 'bin'))

    const { status: code } = spawnSync('sh', [
      join(host.target.directory, 'bin', script),
      'supervise',
      String(slot),
      '1',
      '2',
    ])

    expect({ code, started: existsSync(started), ended: existsSync(join(commands, '2.end')) }).toEqual({
      code: starts ? 0 : 97,
      started: starts,
      ended: starts,
    })
  },
)
