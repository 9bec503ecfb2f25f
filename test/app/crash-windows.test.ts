import { expect, test } from 'vitest'
import { releaseLease } from '../../lib/app/leases/release-lease.ts'
import { sweep } from '../../lib/app/repair/sweep/sweep.ts'
import type { HostAnswer } from '../../lib/app/ports/hosts.ts'
import type { Moment } from '../support/death.ts'
import { Died } from '../support/death.ts'
import { violations } from '../support/invariants.ts'
import type { World } from '../support/world.ts'
import { CI, holder, openWorld } from '../support/world.ts'

const MINUTE = 60_000

/** As a client does: tries again until it has an answer. */
async function insist<T>(call: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await call()
    } catch (error) {
      if (!(error instanceof Died)) throw error
    }
  }
}

/** Two leases on one slot, one after the other, each given back by its holder. */
async function twoLeases(world: World): Promise<readonly string[]> {
  const first = await insist(async () => world.ask({}, CI, 'first'))
  const second = await insist(async () => world.ask({}, CI, 'second'))
  await world.settle()
  for (const { leaseId } of [first, second]) {
    for (let minute = 0; minute < 6 && (await statusOf(world, leaseId)) !== 'active'; minute++)
      await pass(world)
    await insist(async () => releaseLease(world.ports, holder(leaseId), leaseId, 'ok'))
    await world.settle()
  }
  return [first.leaseId, second.leaseId]
}

/** A lease whose first activation fails by its host, so that it is requeued and its slot cleaned. */
async function badHost(world: World): Promise<readonly string[]> {
  const failed: HostAnswer<never> = { kind: 'failed', fault: 'host', code: 'unreachable', detail: 'gone' }
  world.hosts.answerNext('open', failed)
  const { leaseId } = await insist(async () => world.ask({}, CI, 'only'))
  await world.settle()
  for (let minute = 0; minute < 6 && (await statusOf(world, leaseId)) !== 'active'; minute++)
    await pass(world)
  await insist(async () => releaseLease(world.ports, holder(leaseId), leaseId, 'ok'))
  await world.settle()
  return [leaseId]
}

const statusOf = async (world: World, id: string) => (await insist(async () => world.lease(id))).status

/** A minute, with the sweep at its end; a sweep that dies is the next one's work. */
async function pass(world: World): Promise<void> {
  await world.advance(MINUTE)
  try {
    await sweep(world.ports)
  } catch (error) {
    if (!(error instanceof Died)) throw error
  }
  await world.settle()
}

async function callsOf(scenario: (world: World) => Promise<readonly string[]>): Promise<number> {
  const world = await openWorld()
  world.doom(Infinity, 'before')
  await scenario(world)
  return world.calls()
}

const SCENARIOS = [
  ['two leases hand a slot on', twoLeases],
  ['a host fails an activation', badHost],
] as const

test.each(
  SCENARIOS.flatMap(([title, scenario]) =>
    (['before', 'after'] as const).map((moment) => [title, moment, scenario] as const),
  ),
)(
  'a death %2$s any call while %1$s is repaired by the sweep: nothing is lost or stuck',
  async (_, moment: Moment, scenario) => {
    const calls = await callsOf(scenario)
    const damage: string[] = []

    for (let call = 1; call <= calls; call++) {
      const world = await openWorld({ seed: call })
      world.doom(call, moment)
      const ids = await scenario(world)
      for (let minute = 0; minute < 13; minute++) await pass(world)
      const statuses = await Promise.all(ids.map(async (id) => (await world.lease(id)).status))
      const free = world.table
        .items()
        .filter((item) => item.SK.startsWith('S#') && item['state'] === 'free').length
      if (statuses.some((status) => status !== 'destroyed'))
        damage.push(`call ${call}: leases are ${statuses.join()}`)
      if (free !== 1) damage.push(`call ${call}: the slot is lost`)
      damage.push(...violations(world.table.items()).map((sentence) => `call ${call}: not so: ${sentence}`))
    }

    expect(calls).toBeGreaterThan(40)
    expect(damage).toEqual([])
  },
)
