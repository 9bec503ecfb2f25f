import { describe, expect, test } from 'vitest'
import type { CommandRequest } from '../../../lib/app/ports/hosts.ts'
import { output, startCommand } from '../../support/hosts/commands.ts'
import { openSlot, type OpenHosts, valueOf } from '../../support/hosts/open-hosts.ts'

const texts = [
  '',
  ' ',
  'two words',
  `it's "quoted"`,
  '$HOME `id` $(id)',
  '-n',
  '--',
  'a=b',
  'line\nbreak\n',
  '\\0101',
  'é✓',
  '*',
]

export function commandRules(host: () => OpenHosts): void {
  const run = async (request: Partial<CommandRequest> & Pick<CommandRequest, 'argv'>) => {
    const slot = await openSlot(host())
    await startCommand(host(), slot, request)
    const result = await output(host(), slot, 1)
    await host().hosts.close(host().target, slot)
    return result
  }

  describe('commands', () => {
    test('a host says what it is', async () => {
      const { hosts, target } = host()

      const probe = valueOf(await hosts.probe(target))

      expect(probe).toMatchObject({
        git: expect.stringMatching(/^[0-9]+\.[0-9]+/),
        isolation: expect.stringMatching(/^(process|user|cgroup)$/),
      })
      expect(probe.diskFreeBytes).toBeGreaterThan(0)
    })

    test('output and exit code come back, each stream by itself', async () => {
      const { stdout, stderr, end } = await run({ argv: ['sh', '-c', 'echo out; echo err >&2; exit 7'] })

      expect({ stdout: stdout.toString(), stderr: stderr.toString() }).toEqual({
        stdout: 'out\n',
        stderr: 'err\n',
      })
      expect(end).toMatchObject({ exitCode: 7, cause: 'exited' })
      expect(end.endedAt).toBeGreaterThanOrEqual(end.startedAt)
    })

    test.each([
      ['a program that does not exist', ['no-such-program'], 127],
      ['a program that may not be executed', ['/etc/passwd'], 126],
      ['a program that a signal ends', ['sh', '-c', 'kill -9 $$'], 137],
      ['a program that exits with 124', ['sh', '-c', 'exit 124'], 124],
    ] as const)('the exit code of %s is the shell’s', async (_what, argv, exitCode) => {
      const { end } = await run({ argv })

      expect(end).toMatchObject({ exitCode, cause: 'exited' })
    })

    test('arguments and environment arrive byte for byte and are never evaluated', async () => {
      const environment = Object.fromEntries(texts.map((text, at) => [`TEXT_${at}`, text]))
      const names = Object.keys(environment).map((name) => `"$${name}"`)
      const script = `printf '%s\\0' "$@" ${names.join(' ')}`

      const { stdout } = await run({ argv: ['sh', '-c', script, 'sh', ...texts], environment })

      expect(stdout.toString().split('\0').slice(0, -1)).toEqual([...texts, ...texts])
    })

    test('a first argument that looks like an option is a program’s name', async () => {
      const { end } = await run({ argv: ['--help'] })

      expect(end.exitCode).toBe(127)
    })

    test('output may be any bytes', async () => {
      const { stdout } = await run({ argv: ['sh', '-c', `printf '\\000\\377\\n\\200end'`] })

      expect([...stdout]).toEqual([0, 0xff, 0x0a, 0x80, ...Buffer.from('end')])
    })

    test('a long output comes in slices that lose and repeat nothing', async () => {
      const slot = await openSlot(host())
      await startCommand(host(), slot, { argv: ['seq', '1', '40000'] })

      const { stdout, slices } = await output(host(), slot, 1, 10_000)

      expect(stdout.toString()).toBe(Array.from({ length: 40_000 }, (_, at) => `${at + 1}\n`).join(''))
      expect(slices.every(({ length }) => length <= 10_000)).toBe(true)
    })

    test('a command runs once, however often it is asked for', async () => {
      const { hosts, target } = host()
      const slot = await openSlot(host())
      const request = await startCommand(host(), slot, {
        argv: ['sh', '-c', 'echo once >> "$TMPDIR/count"; cat "$TMPDIR/count"'],
      })
      const first = await output(host(), slot, 1)

      const again = valueOf(await hosts.run(target, slot, request))
      const after = await output(host(), slot, 1)

      expect(again).toEqual({ state: 'ended', end: first.end })
      expect(after.stdout.toString()).toBe('once\n')
    })

    test('the environment is a clean one', async () => {
      const { stdout } = await run({
        argv: ['env'],
        environment: { DRYDOCK_LEASE_ID: 'lease-1', HOME: '/mine' },
      })

      const names = stdout
        .toString()
        .split('\n')
        .map((line) => line.split('=')[0])
        .filter(Boolean)
      expect(new Set(names)).toEqual(
        new Set([
          'CI',
          'DRYDOCK_LEASE_ID',
          'DRYDOCK_PROCESS',
          'DRYDOCK_WORKING_COPY',
          'HOME',
          'LANG',
          'PATH',
          'TMPDIR',
        ]),
      )
      expect(stdout.toString()).toContain('HOME=/mine\n')
    })

    test('follow waits for output and returns it before the command ends', async () => {
      const { hosts, target } = host()
      const slot = await openSlot(host())
      await startCommand(host(), slot, { argv: ['sh', '-c', 'echo first; sleep 30'] })

      const seen = valueOf(
        await hosts.follow(target, slot, {
          number: 1,
          stdoutOffset: 0,
          stderrOffset: 0,
          maxBytes: 100,
          waitSeconds: 20,
        }),
      )

      expect(Buffer.from(seen.stdout).toString()).toBe('first\n')
      expect(seen.end).toBeUndefined()
      await hosts.close(target, slot)
    })

    test('follow comes back when its time is over', async () => {
      const { hosts, target } = host()
      const slot = await openSlot(host())
      await startCommand(host(), slot, { argv: ['sleep', '30'] })

      const seen = valueOf(
        await hosts.follow(target, slot, {
          number: 1,
          stdoutOffset: 0,
          stderrOffset: 0,
          maxBytes: 100,
          waitSeconds: 1,
        }),
      )

      expect({ ...seen }).toEqual({
        stdout: Buffer.alloc(0),
        stderr: Buffer.alloc(0),
        stdoutSize: 0,
        stderrSize: 0,
      })
      await hosts.close(target, slot)
    })

    test('a command that takes too long is ended', async () => {
      const { end } = await run({ argv: ['sleep', '30'], timeoutSeconds: 1 })

      expect(end).toMatchObject({ exitCode: 124, cause: 'timeout' })
    })

    test('a cancelled command ends as cancelled, with what it had said', async () => {
      const { hosts, target } = host()
      const slot = await openSlot(host())
      await startCommand(host(), slot, { argv: ['sh', '-c', 'echo begun; sleep 30'] })
      await hosts.follow(target, slot, {
        number: 1,
        stdoutOffset: 0,
        stderrOffset: 0,
        maxBytes: 100,
        waitSeconds: 20,
      })

      const cancelled = await hosts.cancel(target, slot, 1)
      const { stdout, end } = await output(host(), slot, 1)

      expect(cancelled).toMatchObject({ kind: 'done' })
      expect(stdout.toString()).toBe('begun\n')
      expect(end).toMatchObject({ cause: 'cancelled' })
    })

    test.each([
      ['a NUL in an argument', { argv: ['echo', 'a\0b'] }],
      ['a NUL in the environment', { argv: ['echo'], environment: { A: 'a\0b' } }],
      ['a name that no shell can export', { argv: ['echo'], environment: { 'A B': '1' } }],
      [
        'the name by which the host finds its processes',
        { argv: ['echo'], environment: { DRYDOCK_PROCESS: 'x' } },
      ],
      ['no program', { argv: [] }],
      ['an argument longer than Linux takes', { argv: ['echo', 'x'.repeat(131_072)] }],
    ])('%s is refused before anything starts', async (_what, request) => {
      const { hosts, target } = host()
      const slot = await openSlot(host())

      const answer = await hosts.run(target, slot, {
        number: 1,
        environment: {},
        timeoutSeconds: 9,
        directory: '',
        ...request,
      })

      expect(answer).toMatchObject({ kind: 'failed', fault: 'request', code: 'bad_payload' })
    })

    test.each(['/', '..', 'a/../..', './..', 'missing'])('the directory %j is refused', async (directory) => {
      const { hosts, target } = host()
      const slot = await openSlot(host())

      const answer = await hosts.run(target, slot, {
        number: 1,
        argv: ['true'],
        environment: {},
        timeoutSeconds: 9,
        directory,
      })

      expect(answer).toMatchObject({ kind: 'failed', fault: 'request', code: 'bad_directory' })
    })

    test('follow of a command that was never run says so', async () => {
      const { hosts, target } = host()
      const slot = await openSlot(host())

      const answer = await hosts.follow(target, slot, {
        number: 5,
        stdoutOffset: 0,
        stderrOffset: 0,
        maxBytes: 1,
        waitSeconds: 0,
      })

      expect(answer).toMatchObject({ kind: 'failed', fault: 'request', code: 'unknown_command' })
    })
  })
}
