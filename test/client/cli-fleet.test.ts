import { describe, expect, test } from 'vitest'
import type { Explanation } from '../../lib/contract/explanation.ts'
import type { Host } from '../../lib/contract/host.ts'
import { cleanUp, text, world } from './cli-world.ts'

cleanUp()

const ID = '01KA3M7Q5R8T0V2X4Z6B8D0F2H'
const OTHER = '01KA3M7Q5R8T0V2X4Z6B8D0F2J'
const at = '2026-11-22T10:00:00.000Z'

describe('drydock lease explain', () => {
  const explanation: Explanation = {
    leaseId: ID,
    status: 'pending',
    at,
    summary: 'None of the 3 slots of pool linux is free; 1 lease is ahead of it.',
    expectedAt: '2026-11-22T10:02:00.000Z',
    pools: [
      {
        pool: 'linux',
        rank: 2,
        blocked: 'queue',
        meanHoldSeconds: 119.6,
        expectedAt: '2026-11-22T10:02:00.000Z',
        hosts: [
          {
            host: 'h1',
            state: 'active',
            blocked: 'slots_held',
            slots: [
              {
                number: 0,
                state: 'held',
                holder: {
                  status: 'active',
                  until: '2026-11-22T10:05:00.000Z',
                  atMostUntil: '2026-11-22T14:00:00.000Z',
                  lease: { id: OTHER, tenant: 'web', owner: 'ci' },
                },
              },
              { number: 1, state: 'held', holder: { status: 'released' } },
            ],
          },
          {
            host: 'h2',
            state: 'draining',
            reason: 'new kernel',
            blocked: 'draining',
            slots: [{ number: 0, state: 'withheld' }],
          },
        ],
      },
    ],
  }

  test('shows the reason, the places, and every slot with who has it until when', async () => {
    const { cli } = await world({ explainLease: () => explanation })

    const { code, stdout } = await cli(['lease', 'explain', ID])

    expect(code).toBe(0)
    expect(stdout).toMatch(/^why: +None of the 3 slots of pool linux is free; 1 lease is ahead of it\.$/m)
    expect(stdout).toMatch(/^linux +2 +queue +120 s +2026-11-22T10:02:00\.000Z$/m)
    expect(stdout).toMatch(
      new RegExp(`^linux +h1 +slots_held +0 +held +${OTHER} +web +2026-11-22T10:05:00\\.000Z +2026-`, 'm'),
    )
    expect(stdout).toMatch(/^linux +h1 +slots_held +1 +held +a lease that is released +- +- +-$/m)
    expect(stdout).toMatch(/^linux +h2 +draining \(new kernel\) +0 +withheld +- +- +- +-$/m)
  })

  test('with --json is the answer itself', async () => {
    const { cli } = await world({ explainLease: () => explanation })

    const { stdout } = await cli(['lease', 'explain', ID, '--json'])

    expect(JSON.parse(stdout)).toEqual(explanation)
  })

  test('of a lease that does not wait is one sentence, and may be asked with its token', async () => {
    const { api, environment } = await world({
      explainLease: () => ({ leaseId: ID, status: 'active', at, summary: 'It does not wait.', pools: [] }),
    })

    const { stdout } = await text(['lease', 'explain', ID, '--lease-token', 'its-own'], { environment })

    expect(stdout).toMatch(/^lease: +\w+\nstatus: +active\nat: .*\nwhy: +It does not wait\.\n$/)
    expect(api.seen).toMatchObject([{ name: 'explainLease', token: 'its-own' }])
  })
})

describe('drydock host', () => {
  const host = (more: Partial<Host>): Host => ({
    name: 'h1',
    state: 'active',
    failuresInARow: 0,
    slots: [{ number: 0, state: 'held', epoch: 4, lease: ID, warm: [] }],
    ...more,
  })

  test('drain sends reason and end, in UTC, and shows what the host is now', async () => {
    const untilAt = '2030-01-01T06:00:00.000Z'
    const drained = host({ state: 'draining', reason: 'new kernel', changed: { by: 'ops', at, untilAt } })
    const { api, cli } = await world({ drainHost: () => drained })
    const flags = ['--reason', 'new kernel', '--until', '2030-01-01T08:00:00+02:00']

    const { code, stdout } = await cli(['host', 'drain', 'h1', ...flags])

    expect(code).toBe(0)
    expect(api.seen[0]?.body).toEqual({ reason: 'new kernel', until: untilAt })
    expect(stdout).toMatch(/^state: +draining\nreason: +new kernel\nby: +ops\nsince: .*\nuntil: +2030-/m)
    expect(stdout).toMatch(new RegExp(`^0 +held +${ID}$`, 'm'))
  })

  test('lost sends the reason, return nothing', async () => {
    const { api, cli } = await world({
      loseHost: () => host({ state: 'disabled', reason: 'broken disk' }),
      returnHost: () => host({}),
    })

    const lost = await cli(['host', 'lost', 'h1', '--reason', 'broken disk', '--json'])
    const returned = await cli(['host', 'return', 'h1', '--json'])

    expect([lost, returned].map(({ stdout }) => (JSON.parse(stdout) as Host).state)).toEqual([
      'disabled',
      'active',
    ])
    expect(api.seen.map(({ name, body }) => [name, body])).toEqual([
      ['loseHost', { reason: 'broken disk' }],
      ['returnHost', undefined],
    ])
  })
})

describe('drydock blueprint', () => {
  test('disable and enable say whether it gives slots, and if not, why', async () => {
    const disabled = { by: 'ops', at, reason: 'new compiler' }
    const { api, cli } = await world({
      disableBlueprint: () => ({ name: 'linux', enabled: false, disabled }),
      enableBlueprint: () => ({ name: 'linux', enabled: true }),
    })

    const off = await cli(['blueprint', 'disable', 'linux', '--reason', 'new compiler'])
    const bare = await cli(['blueprint', 'disable', 'linux'])
    const on = await cli(['blueprint', 'enable', 'linux'])

    expect([off.code, bare.code, on.code]).toEqual([0, 0, 0])
    expect(off.stdout).toMatch(/^enabled: +no\nreason: +new compiler\nby: +ops\nsince: +2026-/m)
    expect(on.stdout).toMatch(/^blueprint: +linux\nenabled: +yes\n$/)
    expect(api.seen.map(({ body }) => body)).toEqual([{ reason: 'new compiler' }, {}, undefined])
  })
})

describe('what a lease is asked with', () => {
  test.for([
    { flags: ['--pools', 'linux,mac'], asks: { blueprint: 'default', pools: ['linux', 'mac'] } },
    { flags: ['--type', 'host'], asks: { type: 'host' } },
    { flags: ['--type', 'host', '--blueprint', 'mac'], asks: { blueprint: 'mac', type: 'host' } },
    { flags: ['--ttl', '5', '--wait', '-1'], asks: { blueprint: 'default', ttlSeconds: 5, waitSeconds: -1 } },
  ])('$flags goes to the service as it is', async ({ flags, asks }) => {
    const { api, environment } = await world()
    const start = { environment: { ...environment, DRYDOCK_BLUEPRINT: 'default' } }

    const created = await text(['lease', 'create', ...flags], start)
    const ran = await text(['run', ...flags, '--', 'true'], start)

    expect([created.code, ran.code]).toEqual([0, 0])
    const asked = api.seen.filter(({ name }) => name === 'createLease')
    expect(asked).toHaveLength(2)
    for (const { body } of asked) expect(body).toEqual({ priority: 0, ...asks })
  })
})
