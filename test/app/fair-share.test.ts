import { expect, test } from 'vitest'
import { releaseLease } from '../../lib/app/leases/release-lease.ts'
import { registryKey } from '../../lib/app/store/keys.ts'
import { text } from '../../lib/app/store/attributes.ts'
import type { Caller } from '../../lib/domain/access.ts'
import type { World } from '../support/world.ts'
import { holder, openWorld } from '../support/world.ts'
import { leasesNow, set } from './support/look.ts'

const HOLD = 60_000
const SLOTS = 4
const PATIENT = { durations: { wait: 86_400_000, ttl: 3_600_000 } }

const tenant = (name: string): Caller => ({ principal: `api-token/${name}`, tenant: name, scopes: ['lease'] })

/** Every holder gives its slot back a mean hold after it was given it; looked at each second. */
async function work(world: World, seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second++) {
    await world.advance(1_000)
    const now = world.ports.clock.now()
    for (const lease of leasesNow(world, 'active')) {
      if (now - Number(lease['activatedAt']) < HOLD) continue
      const id = lease.PK.slice(2)
      await releaseLease(world.ports, { ...holder(id), tenant: text(lease, 'tenant') }, id, 'ok')
    }
    await world.settle()
  }
}

const waitOf = async (world: World, id: string): Promise<number> => {
  const lease = await world.lease(id)
  const at = 'activatedAt' in lease ? (lease.activatedAt ?? Infinity) : Infinity
  return at - lease.createdAt
}

/** Four slots that are all in use, holds that are known, and a tenant with this many leases in the queue. */
async function crowded(queued: number): Promise<World> {
  const world = await openWorld({ hosts: { alpha: SLOTS } })
  await set(world, registryKey('pool', 'linux'), { meanHold: HOLD })
  for (let count = 0; count < SLOTS + queued; count++) await world.ask(PATIENT, tenant('crowd'))
  await world.settle()
  return world
}

test("a tenant with three hundred queued leases does not delay another's first lease by more than a mean hold", async () => {
  const world = await crowded(300)
  await work(world, 30)

  const { leaseId } = await world.ask(PATIENT, tenant('newcomer'))
  await work(world, 2 * (HOLD / 1_000))

  expect(await waitOf(world, leaseId)).toBeLessThanOrEqual(HOLD)
})

test('two tenants that ask for much share the slots alike, whoever came first', async () => {
  const world = await crowded(40)
  for (let count = 0; count < 40; count++) await world.ask(PATIENT, tenant('other'))

  await work(world, 6 * (HOLD / 1_000))

  const served = (name: string) =>
    world.table
      .items()
      .filter((item) => item.SK === 'META' && item['tenant'] === name && item['activatedAt'] !== undefined)
      .length
  // The crowd had the four slots to itself before.
  expect(Math.abs(served('crowd') - SLOTS - served('other'))).toBeLessThanOrEqual(SLOTS)
  expect(served('other')).toBeGreaterThanOrEqual(2 * SLOTS)
})

test('a tenant that asks for little is served in the order in which it asks', async () => {
  const world = await crowded(20)

  const ids: string[] = []
  for (let count = 0; count < 3; count++) ids.push((await world.ask(PATIENT, tenant('newcomer'))).leaseId)
  await work(world, 4 * (HOLD / 1_000))

  const waits = await Promise.all(ids.map(async (id) => waitOf(world, id)))
  expect(waits).toEqual(waits.toSorted((a, b) => a - b))
  expect(waits.every(Number.isFinite)).toBe(true)
})
