import { createHash, randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { CommandRequest } from '../../../lib/app/ports/hosts.ts'
import { output, runScript, startCommand } from '../../support/hosts/commands.ts'
import { openSlot, type OpenHosts, valueOf } from '../../support/hosts/open-hosts.ts'

const LOOK = { maxBytes: 1_000_000, waitSeconds: 20 }
const MEGABYTE = 1_048_576
const KEPT = 40_000

/** What comes in, what goes out, and what must not be seen. */
export function streamRules(host: () => OpenHosts): void {
  const run = async (request: Partial<CommandRequest> & Pick<CommandRequest, 'argv'>) => {
    const slot = await openSlot(host())
    await startCommand(host(), slot, request)
    const result = await output(host(), slot, 1)
    await host().hosts.close(host().target, slot)
    return result
  }
  const command = (argv: readonly string[]): CommandRequest => ({
    number: 1,
    argv,
    environment: {},
    timeoutSeconds: 60,
    directory: '',
  })

  describe('streams', () => {
    test('one call runs a command and follows it, and asked again it runs nothing', async () => {
      const { hosts, target } = host()
      const slot = await openSlot(host())
      const asked = command([
        'sh',
        '-c',
        'echo once >>"$TMPDIR/count"; cat "$TMPDIR/count"; echo err >&2; exit 3',
      ])

      const first = await output(host(), slot, 1, LOOK.maxBytes, async (look) =>
        valueOf(await hosts.perform(target, slot, asked, look)),
      )
      const again = valueOf(await hosts.perform(target, slot, asked, LOOK))

      expect(first.stdout.toString()).toBe('once\n')
      expect(first.end.exitCode).toBe(3)
      expect(Buffer.from(again.stdout).toString()).toBe('once\n')
      expect(again).toMatchObject({ stdoutSize: 5, stderrSize: 4 })
    })

    test.each([0, 1, 70_000, MEGABYTE])(
      'input of %i bytes comes in byte for byte, and then ends',
      async (size) => {
        const input = randomBytes(size)

        const { stdout } = await run({ argv: ['sha256sum'], input })

        expect(stdout.toString()).toBe(`${createHash('sha256').update(input).digest('hex')}  -\n`)
      },
    )

    test('without input there is none', async () => {
      const { stdout } = await run({ argv: ['wc', '-c'] })

      expect(stdout.toString().trim()).toBe('0')
    })

    test('a secret is in the environment, byte for byte, and in no file and no command line', async () => {
      const secretEnvironment = { TOKEN: `it's "$HOME" \\0101 \`id\`\nline two é✓ `, OTHER: '' }
      const look = `grep -rl "it's" "\${0%/*/*}" 2>/dev/null; tr '\\0' '\\n' </proc/$$/cmdline | grep -c "it's"; printf '%s|' "$TOKEN" "$OTHER"`

      const { stdout } = await run({ argv: ['sh', '-c', look, '/dev/null'], secretEnvironment })

      expect(stdout.toString().split('\n').slice(1).join('\n')).toBe(`${secretEnvironment.TOKEN}||`)
    })

    test.each([
      ['a program that does not exist', ['no-such-program'], 127],
      ['a name with an equals sign', ['a=b'], 127],
      ['a name that looks like an option', ['--help'], 127],
      ['a program that may not be executed', ['/etc/passwd'], 126],
      ['a program that a signal ends', ['sh', '-c', 'kill -9 $$'], 137],
    ] as const)('with a secret, too, the exit code of %s is the shell’s', async (_, argv, exitCode) => {
      const { end } = await run({ argv, secretEnvironment: { TOKEN: 'x' } })

      expect(end).toMatchObject({ exitCode, cause: 'exited' })
    })

    test('a name that a shell keeps to itself can be no secret', async () => {
      const { hosts, target } = host()
      const slot = await openSlot(host())

      const answer = await hosts.run(target, slot, { ...command(['true']), secretEnvironment: { UID: '0' } })

      expect(answer).toMatchObject({ kind: 'failed', fault: 'request', code: 'bad_payload' })
    })

    test.each([10_000, 100_000])('%i bytes of environment come in', async (size) => {
      const environment = Object.fromEntries(
        Array.from({ length: 10 }, (_, at) => [`LONG_${at}`, `${at}`.repeat(size / 10)]),
      )

      const { stdout } = await run({ argv: ['env'], environment })

      const lines = stdout.toString().split('\n')
      expect(Object.entries(environment).every(([name, value]) => lines.includes(`${name}=${value}`))).toBe(
        true,
      )
    })

    test('streams that a script opens again by name lose nothing', async () => {
      const script = 'echo 1 >&2; echo 2 >/dev/stderr; echo 3 >&2; echo a; echo b >/dev/stdout; echo c'

      const { stdout, stderr } = await run({ argv: ['sh', '-c', script] })

      expect([stdout.toString(), stderr.toString()]).toEqual(['a\nb\nc\n', '1\n2\n3\n'])
    })

    test('a command that closes its streams goes on, and ends as it ends', async () => {
      const script = 'echo out; exec >&-; sleep 0.3; echo err >&2; exec 2>&-; sleep 0.3; exit 5'

      const { stdout, stderr, end } = await run({ argv: ['sh', '-c', script] })

      expect([stdout.toString(), stderr.toString(), end.exitCode]).toEqual(['out\n', 'err\n', 5])
    })

    test('what a command leaves running does not keep it from ending, and its output is the command’s no more', async () => {
      const script = `(sleep 0.5; while :; do echo late; sleep 0.01; done) & echo early`

      const { stdout, end } = await run({ argv: ['sh', '-c', script] })

      expect(stdout.toString()).toBe('early\n')
      expect(end).toMatchObject({ exitCode: 0, cause: 'exited' })
    })

    test('what a command leaves running is not killed by its next line', async () => {
      const slot = await openSlot(host())
      const left = '(for i in 1 2 3 4 5 6 7 8; do echo late; sleep 0.1; done; echo done >"$TMPDIR/left") &'

      await runScript(host(), slot, 1, left)
      const { stdout } = await runScript(
        host(),
        slot,
        2,
        'while [ ! -e "$TMPDIR/left" ]; do sleep 0.05; done; echo lives',
      )

      expect(stdout.toString()).toBe('lives\n')
      await host().hosts.close(host().target, slot)
    })

    test('of a long output the host keeps the beginning and the end, and gives the rest back', async () => {
      const { hosts, target } = host()
      const slot = await openSlot(host())
      const size = 40 * MEGABYTE
      const script = `head -c ${size} /dev/zero | tr '\\0' x; printf end`
      await startCommand(host(), slot, { argv: ['sh', '-c', script], keepBytes: KEPT })
      const at = { number: 1, maxBytes: 0, waitSeconds: 20, stdoutOffset: 0, stderrOffset: 0 }
      let seen = valueOf(await hosts.follow(target, slot, at))
      while (!seen.end) seen = valueOf(await hosts.follow(target, slot, at))

      const read = async (from: number, bytes: number) => {
        let text = ''
        while (text.length < bytes) {
          const stdoutOffset = from + text.length
          const look = { ...at, maxBytes: bytes - text.length, stdoutOffset }
          text += Buffer.from(valueOf(await hosts.follow(target, slot, look)).stdout).toString()
        }
        return text
      }

      const head = await read(0, KEPT)
      const tail = await read(size + 3 - KEPT, KEPT)
      const used = await runScript(host(), slot, 2, 'du -sk "$TMPDIR/../commands" | cut -f1')

      expect(seen).toMatchObject({ stdoutSize: size + 3, stderrSize: 0 })
      expect(seen.stdout).toHaveLength(0)
      expect(head === 'x'.repeat(KEPT)).toBe(true)
      expect(tail === `${'x'.repeat(KEPT - 3)}end`).toBe(true)
      expect(Number(used.stdout.toString() || 0)).toBeLessThan(30 * 1_024)
      await hosts.close(target, slot)
    })

    test('a link that leads out of the working copy is no directory to run in; one that stays inside is', async () => {
      const { hosts, target } = host()
      const slot = await openSlot(host())
      await runScript(host(), slot, 1, 'ln -s /etc out; ln -s . in; mkdir deep; ln -s ../.. deep/up')
      const answers = await Promise.all(
        ['out', 'deep/up', 'in'].map(async (directory, at) =>
          hosts.run(target, slot, { ...command(['true']), number: at + 2, directory }),
        ),
      )

      const codes = answers.map((answer) => (answer.kind === 'failed' ? answer.code : answer.kind))

      expect(codes).toEqual(['bad_directory', 'bad_directory', 'done'])
    })
  })
}
