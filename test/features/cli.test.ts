import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { drydock } from '../client/drydock.ts'
import type { Ended, Start } from '../client/drydock.ts'
import { openInstallation, POOL, REPOSITORY, WORKING_COPIES } from './support/installation.ts'
import type { Installation } from './support/installation.ts'
import { activeLease, destroyed, release } from './support/lease.ts'
import { mentioning } from './support/observe.ts'

/** Seconds that no other process on this machine sleeps. */
const LONG = `6${process.pid}`

let here: Installation
let start: Start
beforeAll(async () => {
  here = await openInstallation()
  const { url, token } = here.served
  start = { environment: { DRYDOCK_URL: url, DRYDOCK_TOKEN: token, DRYDOCK_BLUEPRINT: WORKING_COPIES } }
})
afterAll(() => here?.close())

async function cli(...argv: readonly string[]): Promise<Omit<Ended, 'stdout'> & { readonly stdout: string }> {
  const { stdout, ...rest } = await drydock(argv, start).ended
  return { ...rest, stdout: stdout.toString() }
}

const leaseIn = (stderr: string): string => /lease (\w{26})/.exec(stderr)?.[1] ?? ''

describe('drydock run', () => {
  test('runs in a working copy of the commit and passes streams and exit code through', async () => {
    const [, commit = ''] = here.repository.commits
    const script = 'git rev-parse HEAD; echo trouble >&2; exit 42'

    const asked = ['run', '--repository', REPOSITORY, '--commit', commit]
    const { code, stdout, stderr } = await cli(...asked, '--', 'sh', '-c', script)

    expect(code).toBe(42)
    expect(stdout).toBe(`${commit}\n`)
    expect(stderr).toContain('trouble\n')
    expect(await destroyed(here.client, leaseIn(stderr))).toMatchObject({ reason: 'released' })
  })

  test.for([
    { signal: 'SIGINT', exit: 130 },
    { signal: 'SIGTERM', exit: 143 },
  ] as const)('$signal ends the command on its host and gives the lease back', async ({ signal, exit }) => {
    const script = `echo begun >&2; sleep ${LONG}`
    const child = drydock(['run', '--blueprint', POOL, '--', 'sh', '-c', script], start)
    await child.says('begun')

    child.kill(signal)

    const { code, stderr } = await child.ended
    expect(code).toBe(exit)
    expect(await destroyed(here.client, leaseIn(stderr))).toMatchObject({ reason: 'released' })
    expect(mentioning(`sleep\0${LONG}`)).toEqual([])
  })

  test('says why it waits and where it stands, and gives up its place on Ctrl-C', async () => {
    const holders = await Promise.all([1, 2, 3, 4].map(() => activeLease(here.client)))
    const child = drydock(['run', '--blueprint', POOL, '--', 'true'], start)
    await child.says('number 1 in linux: none of the 4 slots of pool linux is free')

    child.interrupt()

    const { code, stderr } = await child.ended
    await Promise.all(holders.map((held) => release(here.client, held)))
    expect(code).toBe(130)
    expect(await destroyed(here.client, leaseIn(stderr))).toMatchObject({ reason: 'cancelled' })
  })

  test('a commit that does not exist is told, not tried', async () => {
    const commit = 'e'.repeat(40)

    const { code, stderr } = await cli('run', '--repository', REPOSITORY, '--commit', commit, '--', 'true')

    expect(code).toBe(125)
    expect(stderr).toContain('request_failed: unknown_commit')
  })
})

describe('looking and operating', () => {
  test('lease list shows leases that are over, newest first, and pages on', async () => {
    const held = [await activeLease(here.client), await activeLease(here.client)]
    await Promise.all(held.map((one) => release(here.client, one)))
    await Promise.all(held.map(({ id }) => destroyed(here.client, id)))

    const list = await cli('lease', 'list')
    const first = await cli('lease', 'list', '--limit', '1', '--json')
    const { cursor } = JSON.parse(first.stdout) as { readonly cursor: string }
    const second = await cli('lease', 'list', '--limit', '1', '--cursor', cursor, '--json')

    const ids = [first, second].map(({ stdout }) => JSON.parse(stdout).leases[0].id as string)
    const [newest = '', next = ''] = held.map(({ id }) => id).toReversed()
    expect(list.stdout.indexOf(newest)).toBeGreaterThan(-1)
    expect(list.stdout.indexOf(newest)).toBeLessThan(list.stdout.indexOf(next))
    expect(ids).toEqual([newest, next])
  })

  test('a lease made by hand is shown, renewed, told of and released by hand', async () => {
    const made = await cli('lease', 'create', '--blueprint', POOL, '--active', '--json')
    const { id, token } = JSON.parse(made.stdout) as { readonly id: string; readonly token: string }

    const shown = await cli('lease', 'get', id)
    const renewed = await cli('lease', 'renew', id, '--lease-token', token)
    const released = await cli('lease', 'release', id, '--lease-token', token)
    await destroyed(here.client, id)
    const events = await cli('lease', 'events', id, '--json')

    expect([made, shown, renewed, released, events].map(({ code }) => code)).toEqual(Array(5).fill(0))
    expect(shown.stdout).toContain('active')
    expect(JSON.parse(events.stdout).events).toHaveLength(5)
  })

  test('pools shows what there is and who holds it', async () => {
    const held = await activeLease(here.client)

    const all = await cli('pools')
    const one = await cli('pools', POOL)

    await release(here.client, held)
    expect(all.stdout).toContain(POOL)
    expect(one.stdout).toContain('alpha')
    expect(one.stdout).toContain('beta')
    expect(one.stdout).toContain(held.id)
  })

  test('apply --dry-run shows the plan and changes nothing; apply does it', async () => {
    const before = await here.client.getConfig()
    const tenants = { ...before.tenants, web: { leases: 3 } }
    const file = join(here.scratch, 'drydock.yaml')
    writeFileSync(file, stringify({ ...before, tenants }))

    const plan = await cli('apply', file, '--dry-run')
    const between = await here.client.getConfig()
    const applied = await cli('apply', file)
    const after = await here.client.getConfig()

    expect(plan).toMatchObject({
      code: 0,
      stdout: '+ tenant web\nNot applied: only the plan was asked for.\n',
    })
    expect(between).toEqual(before)
    expect(applied).toMatchObject({ code: 0, stdout: '+ tenant web\nApplied: 1.\n' })
    expect(after.tenants).toMatchObject({ web: { leases: 3 } })
  })

  test('a token that was created opens what it may, until it is revoked', async () => {
    const created = await cli('token', 'create', '--tenant', 'web')
    const token = created.stdout.trim()
    const [, id = ''] = /^drydock_api_([^_]+)_/.exec(token) ?? []

    const leased = await cli(
      'run',
      '--token',
      token,
      '--url',
      here.served.url,
      '--blueprint',
      POOL,
      '--',
      'true',
    )
    const operated = await cli('pools', '--token', token, '--url', here.served.url)
    const revoked = await cli('token', 'revoke', id)
    const refused = await cli('lease', 'list', '--token', token, '--url', here.served.url)

    expect(leased.code).toBe(0)
    expect(await here.client.getLease({ id: leaseIn(leased.stderr) })).toMatchObject({ tenant: 'web' })
    expect(operated).toMatchObject({ code: 125, stderr: expect.stringContaining('not_authorized') })
    expect(revoked.code).toBe(0)
    expect(refused).toMatchObject({ code: 125, stderr: expect.stringContaining('unauthenticated') })
  })

  test('where a local installation announced itself, nothing has to be set', async () => {
    const directory = join(here.scratch, 'announced', '.drydock')
    const { url, token } = here.served
    mkdirSync(directory, { recursive: true })
    writeFileSync(join(directory, 'local.json'), JSON.stringify({ url, token }), { mode: 0o600 })

    const { code, stdout } = await drydock(['pools'], { cwd: join(directory, '..') }).ended

    expect(code).toBe(0)
    expect(stdout.toString()).toContain(POOL)
  })
})
