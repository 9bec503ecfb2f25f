import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { createLandingForge } from '../chaos/landings/forge.ts'
import type { LandingForge } from '../chaos/landings/forge.ts'
import { drydock } from '../client/drydock.ts'
import type { Ended, Start } from '../client/drydock.ts'
import { openInstallation, REPOSITORY, WORKING_COPIES } from './support/installation.ts'
import type { Installation } from './support/installation.ts'
import { eventually, mentioning } from './support/observe.ts'

/** Seconds that no other process on this machine sleeps. */
const LONG = `7${process.pid}`
const FORGE = 'forge'

let here: Installation
let start: Start
let forge: LandingForge
beforeAll(async () => {
  here = await openInstallation({ hosts: ['alpha'] })
  const { url, token } = here.served
  start = { environment: { DRYDOCK_URL: url, DRYDOCK_TOKEN: token, DRYDOCK_BLUEPRINT: WORKING_COPIES } }
  const directory = join(here.scratch, 'forge')
  mkdirSync(directory)
  chmodSync(directory, 0o755)
  // Changes 0 and 2 touch the same line.
  forge = createLandingForge(directory, 3, 2)
  const config = await here.client.getConfig()
  const landing = { branches: ['main'], allow: ['*'] }
  const repository = { url: forge.url, defaultBranch: 'main', allowFile: true, landing }
  await here.client.applyConfig({
    body: { ...config, repositories: { ...config.repositories, [FORGE]: repository } },
  })
})
afterAll(() => here?.close())

async function cli(...argv: readonly string[]): Promise<Omit<Ended, 'stdout'> & { readonly stdout: string }> {
  const { stdout, ...rest } = await drydock(argv, start).ended
  return { ...rest, stdout: stdout.toString() }
}

const buildIn = (stderr: string): string => /build (\w{26})/.exec(stderr)?.[1] ?? ''
const ofForge = ['--repository', FORGE, '--branch', 'main']

describe('drydock build', () => {
  test('runs the steps of a document and those of flags, and says what they say', async () => {
    const file = join(here.scratch, 'build.yaml')
    const commit = here.repository.commits[2] ?? ''
    writeFileSync(
      file,
      stringify({
        repository: REPOSITORY,
        environment: { OF: 'document' },
        steps: [{ name: 'see', script: 'git rev-parse HEAD; echo "$OF $BY"' }],
      }),
    )

    const { code, stdout, stderr } = await cli(
      'build',
      file,
      '--commit',
      commit,
      '--env',
      'BY=flag',
      '--step',
      "printf '\\033[32mgreen\\033[m\\n'",
    )

    expect(stdout).toBe(`${commit}\ndocument flag\n\u001b[32mgreen\u001b[m\n`)
    expect(stderr).toContain('step 1: see')
    expect(stderr).toContain('ended: succeeded')
    expect(code).toBe(0)
  })

  test('ends with 1 where a step fails, and tells which', async () => {
    const asked = ['build', '--repository', REPOSITORY, '--step', 'true', '--step', 'echo no >&2; exit 9']

    const { code, stderr } = await cli(...asked)
    const shown = await cli('build', 'get', buildIn(stderr))

    expect(code).toBe(1)
    expect(stderr).toContain('ended: failed')
    expect(shown.stdout).toMatch(/^2 +2 +failed +9 /m)
  })

  test('Ctrl-C aborts it: its step is killed and its slot given back', async () => {
    const child = drydock(
      ['build', '--repository', REPOSITORY, '--step', `echo begun >&2; sleep ${LONG}`],
      start,
    )
    await child.says('begun')

    child.interrupt()

    const { code, stderr } = await child.ended
    const id = buildIn(stderr)
    await eventually('it has ended', async () => (await here.client.getBuild({ id })).status === 'ended')
    expect(code).toBe(130)
    expect((await here.client.getBuild({ id })).outcome).toBe('aborted')
    expect(mentioning(`sleep\0${LONG}`)).toEqual([])
  })

  test('goes on alone with --detach; its output is read later', async () => {
    const asked = await cli('build', '--repository', REPOSITORY, '--step', 'echo later', '--detach', '--json')
    const { data } = JSON.parse(asked.stdout) as { readonly data: { readonly id: string } }

    const logs = await cli('build', 'logs', data.id)

    expect(logs.stdout).toBe('later\n')
    expect(logs.code).toBe(0)
  })

  test.for([
    { about: 'no step', argv: ['--repository', REPOSITORY], says: 'there is no step' },
    {
      about: 'an unknown repository',
      argv: ['--repository', 'none', '--step', 'true'],
      says: 'unknown_repository',
    },
  ])('$about is refused with 125', async ({ argv, says }) => {
    const { code, stderr } = await cli('build', ...argv)

    expect(code).toBe(125)
    expect(stderr).toContain(says)
  })
})

describe('drydock land', () => {
  test('lands in its turn and shows the receipt; what does not fit ends with 1 and names its files', async () => {
    const first = await cli('land', forge.sources[0] ?? '', ...ofForge)
    const clash = await cli('land', forge.sources[2] ?? '', ...ofForge)

    expect(first.code).toBe(0)
    expect(first.stdout).toContain('ended (landed)')
    expect(forge.history()).toHaveLength(1)
    expect(clash.code).toBe(1)
    expect(clash.stdout).toMatch(/conflict: +shared\.txt/)
  })

  test('a dry run changes nothing', async () => {
    const before = forge.history()

    const { code, stdout } = await cli('land', forge.sources[1] ?? '', ...ofForge, '--dry-run')

    expect(code).toBe(0)
    expect(stdout).toContain('ended (dry_run)')
    expect(forge.history()).toEqual(before)
  })

  test('Ctrl-C calls back what has not been pushed yet', async () => {
    const before = forge.history()
    const verify = ['--verify', `sleep ${LONG}`]
    const child = drydock(['land', forge.sources[1] ?? '', ...ofForge, ...verify], start)
    await child.says('verifying for')

    child.interrupt()

    const { code, stderr } = await child.ended
    const id = /landing (\w{26})/.exec(stderr)?.[1] ?? ''
    await eventually('it has ended', async () => (await here.client.getLanding({ id })).status === 'ended')
    expect(code).toBe(130)
    expect((await here.client.getLanding({ id })).result).toBe('cancelled')
    expect(forge.history()).toEqual(before)
  })

  test('a branch that its operators do not name is refused with 125', async () => {
    const { code, stderr } = await cli('land', forge.start, '--repository', FORGE, '--branch', 'other')

    expect(code).toBe(125)
    expect(stderr).toMatch(/: .*branch/)
  })
})
