import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { leaveNothing, world } from './command-world.ts'
import type { Drydock, Start } from './drydock.ts'

leaveNothing()

describe('the shim', () => {
  test('works through a link, as npx starts it', async () => {
    const { start } = await world()
    const directory = await mkdtemp(join(tmpdir(), 'drydock-'))
    const bin = join(directory, 'drydock')
    await symlink(fileURLToPath(new URL('../../lib/client/cli/bin.mjs', import.meta.url)), bin)

    const { code, stdout } = await start(['run', '--', 'echo', 'linked'], { bin }).ended

    expect({ code, stdout: stdout.toString() }).toEqual({ code: 0, stdout: 'linked\n' })
    await rm(directory, { recursive: true })
  })
})

const older = olderNode()

describe.skipIf(older === undefined)('the shim under an older Node', () => {
  test('hands over to Node 24: streams and exit code', async () => {
    const { start } = await world()

    const { code, stdout } = await start(['run', '--', 'sh', '-c', 'echo out; exit 9'], nodeOf(older)).ended

    expect({ code, stdout: stdout.toString() }).toEqual({ code: 9, stdout: 'out\n' })
  })

  test.for([
    { how: 'a terminal, which reaches both processes', send: (command: Drydock) => command.interrupt() },
    { how: 'a CI runner, which reaches the first one', send: (command: Drydock) => command.kill('SIGINT') },
  ])('one Ctrl-C of $how is one', async ({ send }) => {
    const { api, start } = await world()
    const command = start(['run', '--', 'sh', '-c', 'echo begun >&2; sleep 600'], nodeOf(older))
    await command.says('begun')

    send(command)

    const { code, stderr } = await command.ended
    expect(code).toBe(130)
    expect(stderr).toContain('released')
    expect(api.all()).toMatchObject([{ status: 'destroyed' }])
  })

  test('when it is killed, the lease is released all the same', async () => {
    const { api, start } = await world()
    const command = start(['run', '--', 'sh', '-c', 'echo begun >&2; sleep 600'], nodeOf(older))
    await command.says('begun')

    command.kill('SIGKILL')

    await expect(api.until(({ status }) => status === 'destroyed')).resolves.toMatchObject({
      reason: 'released',
    })
  })
})

const nodeOf = (node: string | undefined): Start => (node === undefined ? {} : { node })

/** A Node of this machine that cannot run the project itself. */
function olderNode(): string | undefined {
  const places = `${process.env['PATH'] ?? ''}:/usr/bin:/usr/local/bin`
    .split(':')
    .map((place) => join(place, 'node'))
  return places
    .filter((path) => existsSync(path))
    .find((path) => Number(/^v(\d+)/.exec(execFileSync(path, ['--version']).toString())?.[1]) < 24)
}
