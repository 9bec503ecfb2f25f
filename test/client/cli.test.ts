import { chmod } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { commands } from '../../lib/client/cli/commands/index.ts'
import { cleanUp, directory, text, world } from './cli-world.ts'

cleanUp()

const ID = '01KA3M7Q5R8T0V2X4Z6B8D0F2H'

describe('help and usage', () => {
  test.for(['', '--help', 'help'])('`drydock %s` lists the commands and the exit codes', async (line) => {
    const { code, stdout } = await text(line.split(' ').filter(Boolean))

    expect(code).toBe(0)
    expect(stdout).toMatch(/run .*\n[^]*lease create[^]*124 {2}/)
  })

  test.for(commands.map(({ name }) => name))('`drydock %s --help` has options and examples', async (name) => {
    const { code, stdout } = await text([...name.split(' '), '--help'])

    expect(code).toBe(0)
    expect(stdout).toMatch(/^Usage: drydock [^]*\nOptions:\n[^]*\nExamples:\n {2}drydock /)
  })

  test('the version is the package version', async () => {
    const { stdout } = await text(['--version'])

    expect(stdout).toMatch(/^drydock \d+\.\d+\.\d+\n$/)
  })

  test.for<{ argv: string[]; says: string }>([
    { argv: ['run', '--colour', '--', 'x'], says: "'--colour'" },
    { argv: ['run'], says: 'COMMAND... is missing' },
    { argv: ['run', 'make'], says: 'put the command after --' },
    { argv: ['run', '--ttl', '5 min', '--', 'x'], says: "--ttl takes a whole number, not '5 min'" },
    { argv: ['run', '--pools', 'linux,Mac', '--', 'x'], says: '--pools: lower-case letters' },
    { argv: ['run', '--note', 'x'.repeat(201), '--', 'x'], says: '--note: ' },
    { argv: ['run', '--commit', '--upload-pack=x', '--', 'x'], says: '--commit' },
    { argv: ['run', '--commit=--upload-pack=x', '--', 'x'], says: '--commit: not a commit id' },
    { argv: ['run', '--env', 'NOWHERE', '--', 'x'], says: '--env NOWHERE: there is no such variable' },
    { argv: ['run', '--env', '1A=x', '--', 'x'], says: '--env: ' },
    { argv: ['run', '--directory', '../up', '--', 'x'], says: '--directory: ' },
    { argv: ['lease', 'get'], says: 'LEASE is missing' },
    { argv: ['lease', 'get', ID, 'more'], says: "unexpected 'more'" },
    { argv: ['lease', 'list', '--status', 'sleeping'], says: '--status is one of pending' },
    { argv: ['lease', 'release', ID, '--outcome', 'great'], says: '--outcome is one of ok' },
    { argv: ['lease', 'explain'], says: 'LEASE is missing' },
    { argv: ['host', 'drain'], says: 'HOST is missing' },
    { argv: ['host', 'drain', 'h1'], says: '--reason is missing' },
    { argv: ['host', 'lost', 'h1'], says: '--reason is missing' },
    { argv: ['host', 'drain', 'h1', '--reason', 'r', '--until', '18:00'], says: '--until takes a time like' },
    {
      argv: ['host', 'drain', 'h1', '--reason', 'r', '--until', '2030-01-01T06:00:00'],
      says: '--until takes a time like',
    },
    { argv: ['blueprint', 'disable'], says: 'BLUEPRINT is missing' },
    { argv: ['token', 'create'], says: '--tenant is missing' },
    {
      argv: ['token', 'create', '--tenant', 'x', '--scope', 'root'],
      says: '--scope is one of lease, untrusted, operator',
    },
  ])('a usage error says what to type: $says', async ({ argv, says }) => {
    const environment = { DRYDOCK_URL: 'http://127.0.0.1:9', DRYDOCK_TOKEN: 't', DRYDOCK_BLUEPRINT: 'linux' }

    const { code, stdout, stderr } = await text(argv, { environment })

    expect({ code, stdout }).toEqual({ code: 125, stdout: '' })
    expect(stderr).toContain(says)
    expect(stderr).toContain(`Usage: drydock ${argv[0]}`)
  })

  test('an unknown command names those that there are', async () => {
    const { code, stderr } = await text(['lease', 'steal'])

    expect(code).toBe(125)
    expect(stderr).toContain("there is no command 'lease steal'; there are: lease create, lease get")
  })
})

describe('where the service is', () => {
  test('without settings the file of a local stack in this directory is used, blueprint and all', async () => {
    const { api } = await world()
    const connection = JSON.stringify({ url: api.url, token: 'local-token', blueprint: 'example' })
    const cwd = await directory({ '.drydock/local.json': connection })

    const { code } = await text(['run', '--', 'true'], { cwd })

    expect(code).toBe(0)
    expect(api.seen[0]).toMatchObject({
      name: 'createLease',
      token: 'local-token',
      body: { blueprint: 'example' },
    })
  })

  test.for([
    { given: { DRYDOCK_TOKEN: 'mine' }, says: 'no address' },
    { given: { DRYDOCK_URL: 'http://127.0.0.1:9' }, says: 'no token' },
    { given: { DRYDOCK_URL: 'localhost', DRYDOCK_TOKEN: 'mine' }, says: 'not an address' },
  ])('a token never goes where a file says: $says', async ({ given, says }) => {
    const { api } = await world()
    const cwd = await directory({ '.drydock/local.json': JSON.stringify({ url: api.url, token: 'x' }) })

    const { code, stderr } = await text(['pools'], { cwd, environment: given })

    expect(code).toBe(125)
    expect(stderr).toContain(says)
    expect(api.seen).toEqual([])
  })

  test('a connection file that others can read is refused', async () => {
    const cwd = await directory({
      '.drydock/local.json': JSON.stringify({ url: 'http://127.0.0.1:9', token: 'x' }),
    })
    await chmod(join(cwd, '.drydock/local.json'), 0o644)

    const { code, stderr } = await text(['pools'], { cwd })

    expect(code).toBe(125)
    expect(stderr).toContain('mode 600')
  })

  test('a missing blueprint is named, with where to set it', async () => {
    const { environment } = await world()

    const { code, stderr } = await text(['run', '--', 'true'], { environment })

    expect(code).toBe(125)
    expect(stderr).toContain('--blueprint or DRYDOCK_BLUEPRINT')
  })
})

describe('leases', () => {
  test('are created, shown, renewed and released by hand', async () => {
    const { api, environment, cli } = await world()
    const created = await cli(['lease', 'create', '--blueprint', 'linux', '--active', '--json'])
    const { id, token } = JSON.parse(created.stdout) as { id: string; token: string }
    const holder = { environment: { ...environment, DRYDOCK_LEASE_TOKEN: token } }

    const shown = await cli(['lease', 'get', id])
    const renewed = await text(['lease', 'renew', id, '--ttl', '90', '--json'], holder)
    const released = await text(['lease', 'release', id], holder)

    expect(shown.stdout).toMatch(new RegExp(`lease: +${id}\nstatus: +active\n`))
    expect(JSON.parse(renewed.stdout)).toMatchObject({ id, status: 'active' })
    expect(released.stdout).toContain('destroyed (released)')
    expect(api.seen.map(({ token: used }) => used)).toEqual(['api-token', token, 'api-token', token, token])
  })

  test('are listed as a table, or as the answer itself', async () => {
    const { cli } = await world()
    await cli(['lease', 'create', '--blueprint', 'linux'])

    const table = await cli(['lease', 'list'])
    const json = await cli(['lease', 'list', '--status', 'active', '--json'])

    expect(table.stdout).toMatch(/^LEASE +STATUS +BLUEPRINT.*\n[0-9A-Z]{26} +active +linux/)
    expect(JSON.parse(json.stdout)).toMatchObject({ leases: [{ status: 'active' }] })
  })

  test('have a timeline', async () => {
    const at = '2026-11-22T10:00:00.000Z'
    const event = { version: 1, at, type: 'created', actor: 'web', detail: { pool: 'linux' } }
    const { cli } = await world({ leaseEvents: () => ({ events: [event] }) })

    const { stdout } = await cli(['lease', 'events', ID])

    expect(stdout).toMatch(/\n1 +2026-11-22T10:00:00.000Z +created +web +- +pool=linux\n/)
  })
})

describe('pools and tokens', () => {
  test('pools show demand and supply, and one of them its slots', async () => {
    const pool = {
      name: 'linux',
      waiting: 2,
      oldestWaitSeconds: 61.4,
      slots: { total: 1, free: 0, held: 1, dirty: 0, withheld: 0, broken: 0 },
      hosts: [
        {
          name: 'h1',
          state: 'active' as const,
          failuresInARow: 0,
          isolation: 'user' as const,
          slots: [{ number: 0, state: 'held' as const, epoch: 4, lease: ID, warm: ['web'] }],
        },
      ],
    }
    const { cli } = await world({ listPools: () => ({ pools: [pool] }), getPool: () => pool })

    const all = await cli(['pools'])
    const one = await cli(['pools', 'linux'])

    expect(all.stdout).toMatch(/\nlinux +2 +61 s +1 +0 +1 /)
    expect(one.stdout).toMatch(new RegExp(`\nh1 +active +user +0 +held +${ID} +web\n`))
  })

  test('a new token alone goes to stdout; lists never show it', async () => {
    const token = {
      id: ID,
      tenant: 'web',
      scopes: ['lease' as const],
      createdAt: '2026-11-22T10:00:00Z',
      expiresAt: '2026-12-22T10:00:00Z',
    }
    const { api, cli } = await world({
      createToken: () => ({ ...token, token: 'dd_secret' }),
      listTokens: () => ({ tokens: [token] }),
      revokeToken: () => token,
    })

    const created = await cli(['token', 'create', '--tenant', 'web', '--expires', '3600', '--note', 'CI'])
    const listed = await cli(['token', 'list'])
    const revoked = await cli(['token', 'revoke', ID])

    expect(created.stdout).toBe('dd_secret\n')
    expect(api.seen[0]?.body).toEqual({
      tenant: 'web',
      scopes: ['lease'],
      expiresInSeconds: 3_600,
      note: 'CI',
    })
    expect(listed.stdout).toContain(`${ID}  web     lease`)
    expect(revoked).toMatchObject({ code: 0, stdout: '' })
  })
})
