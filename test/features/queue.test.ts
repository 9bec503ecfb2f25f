import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Client } from '../../lib/client/api.ts'
import { waitForActive } from '../../lib/client/wait.ts'
import { NOTHING, openInstallation, POOL, sweep } from './support/installation.ts'
import type { Installation } from './support/installation.ts'
import { activeLease, release, timeline } from './support/lease.ts'
import { eventually } from './support/observe.ts'
import { storedLeases } from './support/table.ts'

const LEASES = 50
const TENANTS = ['red', 'green'] as const

describe(`${LEASES} leases at once over four slots`, () => {
  let here: Installation
  let holdings: readonly Holding[]
  beforeAll(async () => {
    here = await openInstallation()
    holdings = await rush(here)
  }, 120_000)
  afterAll(() => here?.close())

  test('all are served, and everything is destroyed because its holder gave it back', async () => {
    const { leases } = await here.client.listLeases({ limit: 100 })

    const ends = leases.map(({ status, reason, tries }) => ({ status, reason, tries }))
    expect(ends).toEqual(ends.map(() => ({ status: 'destroyed', reason: 'released', tries: 0 })))
    expect(holdings).toHaveLength(LEASES)
  })

  test('no two hold one slot at the same time, and its epochs rise from one to the next', () => {
    const slots = Map.groupBy(holdings, ({ slot }) => slot)

    const faults = [...slots.values()].flatMap((held) =>
      held
        .toSorted((a, b) => a.from - b.from || a.epoch - b.epoch)
        .filter((next, index, all) => {
          const before = all[index - 1]
          return before && (next.epoch <= before.epoch || next.from < before.to)
        }),
    )
    expect(slots.size).toBe(4)
    expect(faults).toEqual([])
  })

  test('slots go out in the order of the queue', () => {
    const served = holdings.toSorted((a, b) => a.from - b.from || (a.place < b.place ? -1 : 1))

    expect(served.map(({ place }) => place)).toEqual(holdings.map(({ place }) => place).toSorted())
  })

  test.for(TENANTS)('the places of tenant %s are in the order of its requests', (tenant) => {
    const own = holdings.filter((holding) => holding.tenant === tenant)

    const places = own.map(({ place }) => place)

    expect(places).toHaveLength(LEASES / TENANTS.length)
    expect(new Set(places).size).toBe(places.length)
  })

  test('no slot, token or place is lost, and the sweep finds nothing', async () => {
    const pool = await here.pool()
    const findings = await sweep(here.served)

    expect(pool).toMatchObject({ waiting: 0, slots: { total: 4, free: 4, held: 0, dirty: 0 } })
    expect(findings).toEqual(NOTHING)
  })
})

interface Holding {
  readonly id: string
  readonly tenant: string
  readonly slot: string
  readonly epoch: number
  /** The sort key of its place in the queue. */
  readonly place: string
  /** When it got the slot and when it was destroyed, from its timeline, epoch milliseconds. */
  readonly from: number
  readonly to: number
}

/** All ask while others hold every slot; each gives its slot back as soon as it is active. */
async function rush(here: Installation): Promise<readonly Holding[]> {
  const clients = await Promise.all(TENANTS.map((tenant) => here.as(tenant)))
  const holders = await Promise.all([1, 2, 3, 4].map(() => activeLease(here.client)))
  const used = Array.from({ length: LEASES }, (_, index) =>
    useOnce(clients[index % clients.length] ?? here.client),
  )
  await eventually('all wait', async () => (await here.pool()).waiting === LEASES)
  await Promise.all(holders.map((holder) => release(here.client, holder)))
  const ids = await Promise.all(used)
  await here.settled()
  const stored = await storedLeases(here.served, ids)
  const all = await Promise.all(ids.map((id) => holdingOf(here.client, id)))
  return all.map((holding, index) => ({ ...holding, place: stored[index]?.waiters[POOL] ?? '' }))
}

async function useOnce(client: Client): Promise<string> {
  const { id, token } = await client.createLease({ body: { blueprint: POOL } })
  await waitForActive(client, id, { token })
  await release(client, { id, token })
  return id
}

async function holdingOf(client: Client, id: string): Promise<Omit<Holding, 'place'>> {
  const [lease, events] = await Promise.all([client.getLease({ id }), timeline(client, id)])
  const at = (type: string) => Date.parse(events.find((event) => event.type === type)?.at ?? '')
  return {
    id,
    tenant: lease.tenant,
    slot: `${lease.slot?.host}/${lease.slot?.number}`,
    epoch: lease.epoch ?? 0,
    from: at('acquired'),
    to: at('destroyed'),
  }
}
