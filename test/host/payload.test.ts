import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { array, sample, string } from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { parseAnswer } from '../../lib/host/answer.ts'
import { encodePayload } from '../../lib/host/payload.ts'
import { loadHostScript } from '../../lib/host/script.ts'
import { output, startCommand } from '../support/hosts/commands.ts'
import { openSlot, type OpenHosts, valueOf } from '../support/hosts/open-hosts.ts'
import { openShellHost } from '../support/hosts/shell.ts'

let host: OpenHosts
beforeEach(() => {
  host = openShellHost()
})
afterEach(() => host.close())

const scriptsOf = ({ target }: OpenHosts): string[] => readdirSync(join(target.directory, 'bin'))

/** Calls the script that the host keeps with a payload as it is. */
function call(verb: string, payload: string): ReturnType<typeof parseAnswer> {
  const script = join(host.target.directory, 'bin', `host-${loadHostScript().sha256}.sh`)
  return parseAnswer(spawnSync('sh', [script, verb], { input: payload, encoding: 'utf8' }).stdout)
}

test('every text without NUL survives the payload', async () => {
  const text = string({ unit: 'binary', maxLength: 20 }).filter(
    (value) => !value.includes('\0') && value.isWellFormed(),
  )
  const argumentLists = sample(array(text, { minLength: 100, maxLength: 100 }), { numRuns: 3, seed: 1 })
  const slot = await openSlot(host)

  const echoed: string[][] = []
  for (const [at, list] of argumentLists.entries()) {
    await startCommand(host, slot, { number: at, argv: ['printf', '%s\\0', ...list] })
    const { stdout } = await output(host, slot, at)
    echoed.push(stdout.toString().split('\0').slice(0, -1))
  }

  expect(echoed).toEqual(argumentLists)
})

test('the script is shipped once, under the hash of its content', async () => {
  valueOf(await host.hosts.probe(host.target))
  valueOf(await host.hosts.probe(host.target))

  expect(scriptsOf(host)).toEqual([`host-${loadHostScript().sha256}.sh`])
})

test('a host whose directory cannot be written is the host’s fault', async () => {
  writeFileSync(join(host.target.directory, 'file'), '')

  const answer = await host.hosts.probe({ ...host.target, directory: `${host.target.directory}/file` })

  expect(answer).toMatchObject({ kind: 'failed', fault: 'host', code: 'script_failed' })
})

test.each([`/tmp/a'b`, '/tmp/$(id)', '-tmp', '', '/tmp/a b', '/tmp/\n'])(
  'the directory %j is never given to a shell',
  async (directory) => {
    const answer = await host.hosts.probe({ ...host.target, directory })

    expect(answer).toMatchObject({ kind: 'failed', fault: 'host', code: 'script_failed' })
  },
)

test.each([
  ['cut short', (payload: string) => payload.replace(/end\n$/, '')],
  ['with a field that nobody knows', (payload: string) => `evil=1\n${payload}`],
  ['with a slot that is no number', (payload: string) => payload.replace('slot=1', 'slot=../1')],
  ['with an epoch that is no number', (payload: string) => payload.replace('epoch=1', 'epoch=1;id')],
  ['with a nonce that is none', (payload: string) => payload.replace('nonce=n', 'nonce=a b')],
  ['that is empty', () => ''],
])('a payload %s is refused', async (_how, spoil) => {
  valueOf(await host.hosts.probe(host.target))
  const fence = encodePayload([
    ['slot', 1],
    ['nonce', 'n'],
    ['epoch', 1],
  ])

  const answer = call('open', spoil(fence))

  expect(answer).toMatchObject({ kind: 'failed', fault: 'request', code: 'bad_payload' })
})

test('a verb that does not exist is no verb', async () => {
  valueOf(await host.hosts.probe(host.target))

  const answer = call('supervise', encodePayload([]))

  expect(answer).toMatchObject({ kind: 'failed', code: 'script_failed' })
})

test('the operator’s environment file reaches every job, and its other lines none', async () => {
  mkdirSync(host.target.directory, { recursive: true })
  const lines = [
    'PROXY=http://proxy:3128',
    '$(touch evil)',
    'not a name=1',
    '1X=2',
    'WITH=$(id) "quotes"',
    '',
  ]
  writeFileSync(join(host.target.directory, 'environment'), lines.join('\n'))
  chmodSync(join(host.target.directory, 'environment'), 0o600)
  const slot = await openSlot(host)
  await startCommand(host, slot, {
    argv: ['sh', '-c', 'echo "$PROXY|$WITH"; env | grep -c -e "not a" -e 1X'],
  })

  const { stdout } = await output(host, slot, 1)

  expect(stdout.toString()).toBe('http://proxy:3128|$(id) "quotes"\n0\n')
})
