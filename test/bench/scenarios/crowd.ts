import type { Client } from '../../../lib/client/api.ts'
import type { LeaseRequest } from '../../../lib/contract/lease.ts'
import { instantOf, release, take, timelineOf } from '../leases.ts'
import type { Taken, Timeline } from '../leases.ts'
import { figure, row } from '../measure.ts'
import { seededFraction } from '../../support/seeded.ts'
import type { Row } from '../measure.ts'
import { inversions, overlaps } from '../order.ts'
import type { Life } from '../order.ts'
import type { Scenario } from '../scenario.ts'
import { settle } from '../settle.ts'
import { placesOf } from '../places.ts'
import { COPIES, LARGE, POOL } from '../world.ts'
import type { World } from '../world.ts'
import { warmEverySlot } from './working-copy.ts'

const LEASES = 50
const TENANTS = ['red', 'blue']

export const crowd: Scenario = {
  title: '50 leases at once over four slots',
  how: 'Two tenants ask for 25 leases each at the same moment and release each as soon as it is active. The first crowd also waits for processes of functions to start. Overlap: two leases on one slot between acquired and destroyed. Inversion: of one tenant, the one with the later place in the queue was given a slot while the other one stood before it (its POST had been answered).',
  run: async ({ world }) => {
    const opened = await world()
    const random = seededFraction(13)
    const commit = () => opened.commits[Math.floor(random() * opened.commits.length)] ?? 'main'
    const copy = () => ({ blueprint: COPIES, repository: LARGE, commit: commit() })
    const clients = await Promise.all(TENANTS.map((tenant) => opened.clientOf(tenant)))
    const first = await rush(opened, clients, 'hosts, first crowd', () => ({ blueprint: POOL }))
    const hosts = await rush(opened, clients, 'hosts, second crowd', () => ({ blueprint: POOL }))
    await warmEverySlot(opened, (chosen) => take(opened.client, { ...copy(), commit: chosen }), commit)
    return [...first, ...hosts, ...(await rush(opened, clients, 'working copies', copy))]
  },
}

async function rush(
  world: World,
  clients: readonly Client[],
  kind: string,
  request: () => LeaseRequest,
): Promise<readonly Row[]> {
  const began = performance.now()
  const taken = await Promise.all(
    Array.from({ length: LEASES }, async (_, index) => {
      const client = clients[index % clients.length] ?? world.client
      const one = await take(client, request())
      await release(client, one)
      return one
    }),
  )
  const served = performance.now() - began
  await settle(world.client)
  const atRest = performance.now() - began
  const lives = await livesOf(world, taken)
  return [
    figure(`${kind}: until the last one has been active and released`, served, 'ms'),
    figure(`${kind}: until every slot is free again`, atRest, 'ms'),
    row(
      `${kind}: wait of each, request -> active`,
      taken.map(({ activeAt, askedAt }) => activeAt - askedAt),
    ),
    figure(`${kind}: overlaps`, overlaps(lives), 'pairs', '0'),
    figure(`${kind}: inversions`, inversions(lives), 'pairs', '0'),
  ]
}

async function livesOf(world: World, taken: readonly Taken[]): Promise<readonly Life[]> {
  const timelines = await Promise.all(taken.map((one) => timelineOf(world.client, one)))
  const places = await placesOf(
    world,
    taken.map(({ lease }) => lease.id),
  )
  return taken.map(({ lease, standsFrom }, index) => ({
    standsFrom,
    tenant: lease.tenant,
    place: places[index] ?? '',
    slot: `${lease.slot?.host}/${lease.slot?.number}`,
    epoch: lease.epoch ?? 0,
    ...momentsOf(timelines[index] ?? []),
  }))
}

const momentsOf = (timeline: Timeline) => ({
  acquired: instantOf(timeline, 'acquired'),
  destroyed: instantOf(timeline, 'destroyed'),
})
