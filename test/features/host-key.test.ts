import { afterAll, beforeAll, expect, test } from 'vitest'
import type { LocalHost } from '../../infra/local/hosts/local-host.ts'
import { waitForActive } from '../../lib/client/wait.ts'
import type { ConfigInput } from '../../lib/contract/config.ts'
import { openInstallation, POOL } from './support/installation.ts'
import type { Installation } from './support/installation.ts'
import { activeLease, release, run } from './support/lease.ts'
import { eventually } from './support/observe.ts'

/** A pool of a host with one slot and of one with as many as a lease has tries. */
const catalogue = (
  hosts: readonly LocalHost[],
  pins: Readonly<Record<string, string>> = {},
): ConfigInput => ({
  blueprints: { [POOL]: { type: 'host', allow: ['*'], isolation: 'process' } },
  hosts: Object.fromEntries(
    hosts.map(({ name, reach }) => {
      if (reach.transport !== 'ssh') throw new Error('only hosts over SSH have keys')
      const hostKey = pins[name] ?? reach.hostKey
      return [name, { pool: POOL, ...reach, hostKey, capacity: name === 'trusted' ? 1 : 3 }]
    }),
  ),
})

let here: Installation
beforeAll(async () => {
  here = await openInstallation({
    transport: 'ssh',
    hosts: ['trusted', 'changed'],
    catalogue: (hosts) => catalogue(hosts),
  })
})
afterAll(() => here?.close())

const hostNamed = async (name: string) => (await here.pool()).hosts.find((host) => host.name === name)

test('a host whose key is not the pinned one is quarantined at the first lease, which goes elsewhere, and the others go on', async () => {
  const { hosts } = here.served
  const other = await activeOn('trusted')
  await here.client.applyConfig({ body: catalogue(hosts, { changed: `SHA256:${'A'.repeat(43)}` }) })

  const { id, token } = await here.client.createLease({ body: { blueprint: POOL } })
  await eventually('it is quarantined', async () => (await hostNamed('changed'))?.state === 'quarantined')
  const changed = await hostNamed('changed')
  const still = await run(here.client, other, ['echo', 'unaffected'])
  await release(here.client, other)
  const { lease } = await waitForActive(here.client, id, { token })
  await release(here.client, { id, token })
  const trusted = await hostNamed('trusted')
  await here.client.applyConfig({ body: catalogue(hosts) })

  expect(changed?.reason).toMatch(/^host_key_mismatch: /)
  expect(lease).toMatchObject({ status: 'active', slot: { host: 'trusted' } })
  expect(lease.failures.map(({ host, code }) => [host, code])).toEqual(
    lease.failures.map(() => ['changed', 'host_key_mismatch']),
  )
  expect(still).toMatchObject({ exitCode: 0, stdout: 'unaffected\n' })
  expect(trusted).toMatchObject({ failuresInARow: 0 })
  expect(trusted).not.toHaveProperty('reason')
  await eventually(
    'with the right pin it passes a probe, and is clean again',
    async () => (await here.pool()).slots.free === 4,
    60_000,
  )
}, 90_000)

/** A lease on that host: those that came to be elsewhere are given back once it is there. */
async function activeOn(name: string) {
  const all = await Promise.all([1, 2, 3, 4].map(() => activeLease(here.client)))
  const wanted = all.find(({ lease }) => lease.slot?.host === name)
  await Promise.all(all.filter((held) => held !== wanted).map((held) => release(here.client, held)))
  await eventually('the others are gone', async () => (await here.pool()).slots.free === 3)
  if (!wanted) throw new Error(`no slot of ${name} among four`)
  return wanted
}
