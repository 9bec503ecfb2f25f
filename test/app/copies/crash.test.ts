import { expect, test } from 'vitest'
import { removeCopy } from '../../../lib/app/copies/remove-copy.ts'
import { releaseLease } from '../../../lib/app/leases/release-lease.ts'
import { audit } from '../../../lib/app/repair/audit/audit.ts'
import { dieEverywhere, insist, once, pass, statusOf } from '../support/mortality.ts'
import { copiesNow, copiesWorld } from '../support/copies.ts'
import { by, statesNow } from '../support/look.ts'
import type { World } from '../../support/world.ts'
import { CI, holder } from '../../support/world.ts'

const COPY = { blueprint: 'checkout' }

/** Two leases of two repositories on a slot that keeps one copy, and then that one is removed. */
async function lives(world: World): Promise<readonly string[]> {
  const ids: string[] = []
  for (const [index, repository] of ['example', 'two'].entries()) {
    const { leaseId } = await insist(async () => world.ask({ ...COPY, repository }, CI, `ask ${index}`))
    await world.settle()
    for (let minute = 0; minute < 6 && (await statusOf(world, leaseId)) !== 'active'; minute++)
      await pass(world)
    await insist(async () => releaseLease(world.ports, holder(leaseId), leaseId, 'ok'))
    await world.settle()
    ids.push(leaseId)
  }
  const [copy] = copiesNow(world)
  if (copy) await once(async () => removeCopy(world.ports, copy.id, by(world)))
  await world.settle()
  return ids
}

/** What host and records do not agree on when everybody has come to rest. */
async function disagreements(world: World): Promise<readonly string[]> {
  await audit(world.ports)
  for (let minute = 0; minute < 2; minute++) await pass(world)
  const there = world.hosts.copies.names('alpha/0')
  const copies = copiesNow(world)
  const known = copies.map(({ name }) => name)
  return [
    ...copies.filter(({ state }) => state !== 'active').map(({ name, state }) => `${name} is ${state}`),
    ...there
      .filter((name) => !known.includes(name))
      .map((name) => `${name} is on the host, and nobody knows`),
    ...known.filter((name) => !there.includes(name)).map((name) => `${name} is not on the host`),
    ...(known.length > 1 ? [`the slot keeps ${known.join(' and ')}`] : []),
    ...statesNow(world, 'alpha')
      .filter((state) => state !== 'free')
      .map((state) => `the slot is ${state}`),
  ]
}

test.each(['before', 'after'] as const)(
  'whoever dies %s a call leaves no copy that the host has and nobody knows, or the other way round',
  async (moment) => {
    const { calls, damage } = await dieEverywhere(
      {
        open: async (seed) => copiesWorld({ perSlot: 1 }, { seed }),
        act: lives,
        minutes: 2,
        damage: async (world) => disagreements(world),
      },
      moment,
    )

    expect(calls).toBeGreaterThan(80)
    expect(damage).toEqual([])
  },
)
