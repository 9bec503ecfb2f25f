import { afterAll, beforeAll, expect, test } from 'vitest'
import type { LocalHost } from '../../infra/local/hosts/local-host.ts'
import type { ConfigInput } from '../../lib/contract/config.ts'
import { openInstallation, POOL } from './support/installation.ts'
import type { Installation } from './support/installation.ts'
import { activeLease, destroyed, release, run, timeline } from './support/lease.ts'
import { eventually } from './support/observe.ts'

/** A pool of a host with one slot and of one with as many as a lease has tries. */
const catalogue = (
  hosts: readonly LocalHost[],
  pins: Readonly<Record<string, string>> = {},
): ConfigInput => ({
  blueprints: { [POOL]: { type: 'host', allow: ['*'] } },
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

test('a host whose key is not the pinned one gets no lease to work, and the others go on', async () => {
  const { hosts } = here.served
  const other = await activeOn('trusted')
  await here.client.applyConfig({ body: catalogue(hosts, { changed: `SHA256:${'A'.repeat(43)}` }) })

  const { id } = await here.client.createLease({ body: { blueprint: POOL } })
  const lease = await destroyed(here.client, id)

  const events = await timeline(here.client, id)
  const still = await run(here.client, other, ['echo', 'unaffected'])
  await release(here.client, other)
  const next = await activeLease(here.client)
  await release(here.client, next)
  await eventually('it is quarantined', async () => (await hostNamed('changed'))?.state === 'quarantined')
  const [trusted, changed] = [await hostNamed('trusted'), await hostNamed('changed')]
  await here.client.applyConfig({ body: catalogue(hosts) })

  expect(lease).toMatchObject({ reason: 'activation_failed', tries: 2 })
  expect(lease.detail?.match(/changed: host_key_mismatch/g)).toHaveLength(3)
  const course = 'created acquired requeued acquired requeued acquired broken destroyed'
  expect(events.map(({ type }) => type).join(' ')).toBe(course)
  expect(still).toMatchObject({ exitCode: 0, stdout: 'unaffected\n' })
  expect(next.lease.slot?.host).toBe('trusted')
  expect(trusted).toMatchObject({ failuresInARow: 0 })
  expect(trusted).not.toHaveProperty('reason')
  expect(changed).toMatchObject({
    state: 'quarantined',
    reason: expect.stringMatching(/^3 leases in a row failed on it, the last one: host_key_mismatch/),
  })
  expect(changed?.slots.map(({ state }) => state)).toEqual(['dirty', 'dirty', 'dirty'])
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
