import { expect, test } from 'vitest'
import { releaseLease } from '../../lib/app/leases/release-lease.ts'
import type { HostAnswer } from '../../lib/app/ports/hosts.ts'
import type { Moment } from '../support/death.ts'
import type { World } from '../support/world.ts'
import { CI, holder } from '../support/world.ts'
import { statesNow } from './support/look.ts'
import { dieEverywhere, insist, pass, statusOf } from './support/mortality.ts'

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

const SCENARIOS = [
  ['two leases hand a slot on', twoLeases],
  ['a host fails an activation', badHost],
] as const

async function damage(world: World, ids: readonly string[]): Promise<readonly string[]> {
  const statuses = await Promise.all(ids.map(async (id) => (await world.lease(id)).status))
  return [
    ...(statuses.every((status) => status === 'destroyed') ? [] : [`leases are ${statuses.join()}`]),
    ...(statesNow(world, 'alpha').join() === 'free' ? [] : ['the slot is lost']),
  ]
}

test.each(
  SCENARIOS.flatMap(([title, act]) =>
    (['before', 'after'] as const).map((moment) => [title, moment, act] as const),
  ),
)(
  'while %s, a death %s any call is repaired by the sweep: nothing is lost or stuck',
  async (_, moment: Moment, act) => {
    const died = await dieEverywhere({ act, minutes: 13, damage }, moment)

    expect(died.calls).toBeGreaterThan(40)
    expect(died.damage).toEqual([])
  },
)
