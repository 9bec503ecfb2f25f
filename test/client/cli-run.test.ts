import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, test } from 'vitest'
import { startLeases } from '../support/api/leases.ts'
import type { Leases, World } from '../support/api/leases.ts'
import { Refusal } from '../support/api/server.ts'
import { drydock } from './drydock.ts'
import type { Drydock, Start } from './drydock.ts'

const worlds: Leases[] = []
const started: Drydock[] = []
afterEach(async () => {
  for (const each of started) each.kill('SIGKILL')
  await Promise.all(started.splice(0).map((each) => each.ended))
  const closing = worlds.splice(0)
  await Promise.all(closing.map((each) => each.close()))
  expect(closing.flatMap((each) => each.programs()).filter((program) => !program.ended())).toEqual([])
})

async function world(given: World = {}) {
  const api = await startLeases(given)
  worlds.push(api)
  const start = (argv: readonly string[], { environment = {}, ...more }: Start = {}) => {
    const command = drydock(argv, {
      environment: {
        DRYDOCK_URL: api.url,
        DRYDOCK_TOKEN: 'api-token',
        DRYDOCK_BLUEPRINT: 'linux',
        ...environment,
      },
      ...more,
    })
    started.push(command)
    return command
  }
  return { api, start, run: (argv: readonly string[], more?: Start) => start(['run', ...argv], more).ended }
}

const outcomes = (api: Leases) =>
  api.seen
    .filter(({ name }) => name === 'releaseLease')
    .map(({ body }) => (body as { outcome: string }).outcome)

describe('what comes through', () => {
  test.for([
    { exit: 0, outcome: 'ok' },
    { exit: 7, outcome: 'failed' },
    { exit: 255, outcome: 'failed' },
  ])('exit code $exit is passed on and released as $outcome', async ({ exit, outcome }) => {
    const { api, run } = await world()

    const { code } = await run(['--', 'sh', '-c', `exit ${exit}`])

    expect(code).toBe(exit)
    expect(outcomes(api)).toEqual([outcome])
    expect(api.all()).toMatchObject([{ status: 'destroyed' }])
  })

  test('stdout holds nothing but the stdout of the command; stderr goes to stderr', async () => {
    const { run } = await world()

    const { stdout, stderr } = await run(['--', 'sh', '-c', 'echo out; echo err >&2'])

    expect(stdout.toString()).toBe('out\n')
    expect(stderr).toContain('err\n')
    expect(stderr).toContain('drydock: lease ')
  })

  test('binary output arrives byte for byte', async () => {
    const { run } = await world()
    const script =
      'i=0; while [ $i -lt 256 ]; do printf "\\\\$(printf %o $i)"; i=$((i+1)); done; head -c 300000 /dev/zero'

    const { stdout } = await run(['--', 'sh', '-c', script])

    const bytes = Buffer.from(Array.from({ length: 256 }, (_, value) => value))
    expect(stdout.equals(Buffer.concat([bytes, Buffer.alloc(300_000)]))).toBe(true)
  })

  test('what follows -- is the command as it is, dashes and quotes and all', async () => {
    const { run } = await world()

    const { stdout } = await run(['--', 'printf', '%s|', '--help', '--', 'a "b" $c', '-x'])

    expect(stdout.toString()).toBe('--help|--|a "b" $c|-x|')
  })

  test('what is asked for is what the flags say', async () => {
    const { api, run } = await world()
    const lease = [
      '--blueprint',
      'copies',
      '--repository',
      'web',
      '--commit',
      'main',
      '--ttl',
      '120',
      '--wait',
      '9',
    ]
    const command = [
      '--priority',
      '-2',
      '--env',
      'A=1=2',
      '--env',
      'MINE',
      '--directory',
      'x/y',
      '--timeout',
      '5',
    ]

    const { stdout } = await run([...lease, ...command, '--', 'sh', '-c', 'echo $A $MINE'], {
      environment: { MINE: 'own' },
    })

    expect(stdout.toString()).toBe('1=2 own\n')
    expect(api.seen.find(({ name }) => name === 'createLease')?.body).toEqual({
      blueprint: 'copies',
      repository: 'web',
      commit: 'main',
      priority: -2,
      ttlSeconds: 120,
      waitSeconds: 9,
    })
    const asked = api.seen.find(({ name }) => name === 'runCommand')?.body
    expect(asked).toMatchObject({
      timeoutSeconds: 5,
      directory: 'x/y',
      environment: { A: '1=2', MINE: 'own' },
    })
  })

  test('for machines everything is one object per line, with code and data', async () => {
    const { run } = await world()

    const { code, stdout } = await run(['--json', '--', 'sh', '-c', 'printf "\\377"; exit 4'])

    const lines = stdout
      .toString()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { code: string; data: object })
    expect(code).toBe(4)
    expect(lines.map((line) => line.code)).toEqual([
      'lease_created',
      'lease_active',
      'command_output',
      'command_ended',
      'lease_released',
    ])
    expect(lines[2]?.data).toEqual({ stream: 'stdout', base64: '/w==' })
    expect(lines[3]?.data).toEqual({ exitCode: 4, cause: 'exited' })
  })

  test('on GitHub the wait is folded and the fold closed before the output', async () => {
    const { run } = await world()

    const { stderr } = await run(['--', 'sh', '-c', 'echo mine >&2'], {
      environment: { GITHUB_ACTIONS: 'true' },
    })

    expect(stderr).toMatch(/^::group::[^\n]+\n(?:drydock: [^\n]+\n)+::endgroup::\nmine\n/)
  })

  test('a program that does not exist is said to have no exit code', async () => {
    const { run } = await world()

    const { code, stderr } = await run(['--', '/no/such/program'])

    expect(code).toBe(125)
    expect(stderr).toContain('refused')
  })
})

describe('waiting', () => {
  test('says its position and why, and goes on when the lease is active', async () => {
    const { api, start } = await world({ generous: false })
    const command = start(['run', '--', 'echo', 'served'])
    const { id } = await api.until(({ status }) => status === 'pending')
    await pollOf(api)
    api.change(id, {
      waiting: { position: 3, pool: 'linux', because: 'every slot\n::error::is \u001b[31mheld' },
    })
    await command.says('number 3 in linux')

    api.activate(id)

    const { code, stdout, stderr } = await command.ended
    expect({ code, stdout: stdout.toString() }).toEqual({ code: 0, stdout: 'served\n' })
    expect(stderr).toContain('waiting, number 3 in linux: every slot ::error::is \ufffd[31mheld\n')
  })

  test.for([
    { reason: 'wait_timeout', exit: 124 },
    { reason: 'request_failed', exit: 125 },
  ] as const)(
    'a lease that ended with $reason before it was active: exit $exit',
    async ({ reason, exit }) => {
      const { api, start } = await world({ generous: false })
      const command = start(['run', '--', 'true'])
      const { id } = await api.until(({ status }) => status === 'pending')

      await api.end(id, reason)

      const { code, stderr } = await command.ended
      expect(code).toBe(exit)
      expect(stderr).toContain(reason)
    },
  )
})

describe('the end before the end', () => {
  test.for([
    { signal: 'SIGINT', exit: 130 },
    { signal: 'SIGTERM', exit: 143 },
  ] as const)('$signal kills the command, releases the lease and exits $exit', async ({ signal, exit }) => {
    const { api, start } = await world()
    const command = start(['run', '--', 'sh', '-c', 'echo begun >&2; sleep 600'])
    await command.says('begun')

    command.kill(signal)

    const { code, stderr } = await command.ended
    expect(code).toBe(exit)
    expect(stderr).toContain('released')
    expect(api.all()).toMatchObject([{ status: 'destroyed', reason: 'released' }])
    expect(api.programs().map((program) => program.ended())).toEqual([true])
  })

  test('Ctrl-C while waiting ends the wait', async () => {
    const { api, start } = await world({ generous: false })
    const command = start(['run', '--', 'true'])
    await command.says('waiting')

    command.kill('SIGINT')

    expect((await command.ended).code).toBe(130)
    expect(api.all()).toMatchObject([{ status: 'destroyed' }])
  })

  test('Ctrl-C while `lease create --active` waits gives back what nobody could', async () => {
    const { api, start } = await world({ generous: false })
    const command = start(['lease', 'create', '--active'])
    await pollOf(api)

    command.kill('SIGINT')

    expect(await command.ended).toMatchObject({ code: 130, stdout: Buffer.alloc(0) })
    expect(api.all()).toMatchObject([{ status: 'destroyed' }])
  })

  test('a second Ctrl-C leaves at once, even when the service does not answer', async () => {
    const { start } = await world({ handlers: { releaseLease: () => new Promise(() => undefined) } })
    const command = start(['run', '--', 'sh', '-c', 'echo begun >&2; sleep 600'])
    await command.says('begun')
    command.kill('SIGINT')
    await command.says('once more')

    command.kill('SIGINT')

    expect((await command.ended).code).toBe(130)
  })

  test('a lease that is lost has its own exit code: the service ended the command', async () => {
    const { api, start } = await world()
    const command = start(['run', '--', 'sh', '-c', 'echo begun >&2; sleep 600'])
    await command.says('begun')

    await api.end(api.all()[0]?.id ?? '', 'expired')

    expect((await command.ended).code).toBe(123)
  })

  test('a lease that is lost has its own exit code: a renewal was told', async () => {
    const { api, start } = await world({ ttlSeconds: 1 })
    const command = start(['run', '--', 'sh', '-c', 'echo begun >&2; sleep 600'])
    await command.says('begun')

    api.change(api.all()[0]?.id ?? '', { status: 'released', reason: 'operator' })

    const { code, stderr } = await command.ended
    expect(code).toBe(123)
    expect(stderr).toContain('the lease was lost')
  })

  test('a reader that goes away ends the command and releases the lease', async () => {
    const { api, start } = await world()
    const command = start(['run', '--', 'sh', '-c', 'while :; do echo yes; done'])
    await api.until(({ status }) => status === 'active')

    command.closeStdout()

    expect((await command.ended).code).toBe(141)
    expect(api.all()).toMatchObject([{ status: 'destroyed' }])
  })

  test('a reader of lines for machines that goes away ends it, too', async () => {
    const { api, start } = await world()
    const command = start(['run', '--json', '--', 'sh', '-c', 'while :; do echo yes; done'])
    await api.until(({ status }) => status === 'active')

    command.closeStdout()

    expect((await command.ended).code).toBe(141)
    expect(api.all()).toMatchObject([{ status: 'destroyed' }])
  })

  test('a release that fails is told and does not hide the exit code', async () => {
    const { api, run } = await world()
    api.failNext('releaseLease', { refuse: new Refusal(400, 'malformed') })

    const { code, stderr } = await run(['--', 'sh', '-c', 'exit 6'])

    expect(code).toBe(6)
    expect(stderr).toContain('was not released')
  })

  test('a refusal is exit 125, with its code', async () => {
    const { api, run } = await world()
    api.failNext('createLease', { refuse: new Refusal(422, 'unknown_blueprint') })

    const { code, stderr } = await run(['--', 'true'])

    expect(code).toBe(125)
    expect(stderr).toContain('unknown_blueprint')
  })
})

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

async function pollOf(api: Leases): Promise<void> {
  while (!api.seen.some(({ name }) => name === 'getLease'))
    await new Promise((resolve) => setImmediate(resolve))
}

/** A Node of this machine that cannot run the project itself. */
function olderNode(): string | undefined {
  const places = `${process.env['PATH'] ?? ''}:/usr/bin:/usr/local/bin`
    .split(':')
    .map((place) => join(place, 'node'))
  return places
    .filter((path) => existsSync(path))
    .find((path) => Number(/^v(\d+)/.exec(execFileSync(path, ['--version']).toString())?.[1]) < 24)
}
