import { describe, expect, test } from 'vitest'
import { leaveNothing, outcomes, pollOf, world } from './command-world.ts'

leaveNothing()

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
    expect(stderr).toMatch(/waiting for \d+ s, number 3 in linux: every slot ::error::is \ufffd\[31mheld\n/)
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
