import { afterAll, describe, expect, test } from 'vitest'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { LEVELS, tryEscapes } from '../chaos/escapes/levels.ts'
import { brokenEscapes } from '../chaos/escapes/shown.ts'
import { attempts } from '../host/escapes/attempts.ts'
import { type Fleet, openFleet } from '../support/fleet/fleet.ts'
import { startUntil } from '../support/fleet/jobs.ts'
import { mayChangeUsers } from '../support/hosts/levels.ts'
import { hasOpenSsh } from '../support/openssh.ts'
import { activeLease, destroyed, release } from './support/lease.ts'
import { eventually } from './support/observe.ts'

/** All of them: `npm run chaos -- --only escapes`. */
const SOME = [
  'a daemon that forgot all of its past',
  'a chain of processes of a millisecond that stays in its group',
  'writing the epoch file',
]

test('what a job does to outlive its lease comes to what its level promises', async () => {
  const levels = LEVELS.filter((level) => level === 'process' || mayChangeUsers)
  const some = attempts.filter(({ name }) => SOME.includes(name))

  const found = await tryEscapes(levels, some)

  expect(found).toHaveLength(levels.length * SOME.length)
  expect(brokenEscapes(found)).toEqual([])
}, 240_000)

describe.runIf(mayChangeUsers && hasOpenSsh)('a host on which nothing can be killed', () => {
  let fleet: Fleet | undefined
  afterAll(async () => {
    expect(await fleet?.close()).toEqual([])
  })

  test('gives its slot to nobody until it is confirmed to be empty', async () => {
    const stub = ({ home }: { readonly home: string }) => join(home, 'shells', 'perl')
    const settings = ['ForceCommand PATH=$HOME/shells:$PATH exec sh -c "$SSH_ORIGINAL_COMMAND"']
    fleet = await openFleet({
      hosts: [{ name: 'alpha', pool: 'linux', slots: 1, isolation: 'user', settings }],
      prepare: ({ home }) => mkdirSync(join(home, 'shells')),
    })
    const { client } = fleet
    const alpha = fleet.host('alpha')
    const held = await activeLease(client, { blueprint: 'linux' })
    const fugitive = 'env -i setsid sleep 6000 >/dev/null 2>&1 & sleep 0.2; echo away'
    await startUntil(client, held, ['sh', '-c', fugitive], 'away')
    writeFileSync(stub(alpha), '#!/bin/sh\n', { mode: 0o755 })
    const view = async () => (await client.getPool({ name: 'linux' })).hosts[0]

    await release(client, held)
    const lease = await destroyed(client, held.id, 120_000)
    const kept = await view()
    await eventually('somebody tells why', async () => (await view())?.reason !== undefined, 60_000)
    const told = await view()
    rmSync(stub(alpha))

    expect(lease).toMatchObject({ reason: 'released' })
    expect(kept?.slots.map(({ state }) => state)).toEqual(['dirty'])
    expect(told?.reason).toMatch(/not_empty/)
    const free = async () => (await client.getPool({ name: 'linux' })).slots.free === 1
    await eventually('it is cleaned once that can be done', free, 120_000)
  }, 300_000)
})
