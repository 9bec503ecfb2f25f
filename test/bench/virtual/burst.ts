import type { Table } from '../../../lib/app/ports/table.ts'
import { NOTHING } from '../counting/tally.ts'
import type { Count } from '../counting/tally.ts'
import { randomStream } from '../../simulation/kernel/random.ts'
import { createVirtualClient } from './client.ts'
import { openInstallation } from './installation.ts'
import { createLives } from './lives.ts'
import { createOrder } from './order.ts'
import type { OrderSeen } from './order.ts'

export interface BurstOptions {
  readonly leases: number
  readonly slots: number
  readonly tenants: number
  /** Milliseconds from active to the release: by half less or more. */
  readonly hold: number
  readonly table?: Table
}

/** What a burst asked for, from its first POST until every slot is free again. */
export interface Burst {
  readonly leases: number
  readonly slots: number
  /** Of the table, without what the sweeps asked. */
  readonly table: Count
  readonly sweeps: Count
  readonly byOperation: Readonly<Record<string, Count>>
  readonly lost: Readonly<Record<string, number>>
  readonly transitions: number
  /** Sweeps are not among them. */
  readonly lambdaCalls: number
  /** Requests that were sent again, because the API had not answered in time. */
  readonly sentAgain: number
  readonly order: OrderSeen
  /** Functions that gave up, and rules of the simulation that were broken. */
  readonly broken: readonly string[]
  /** Seconds of virtual time. */
  readonly seconds: number
}

/** So many leases asked for at the same instant; each is held for a while as soon as it is active, and given back. */
export async function runBurst(options: BurstOptions): Promise<Burst> {
  const { leases, slots, hold } = options
  const tenants = Array.from({ length: options.tenants }, (_, number) => `tenant-${number}`)
  const lives = createLives()
  const order = createOrder(lives.tenantOf)
  const installation = await openInstallation({
    slots,
    tenants,
    quota: leases,
    ...(options.table && { table: options.table }),
    committed: (writes) => {
      order.committed(writes)
      lives.committed(writes)
    },
  })
  const { simulation } = installation
  const { kernel, functions, service } = simulation
  const client = createVirtualClient(installation)
  const random = randomStream(7, 'holds')
  const before = { at: kernel.now(), calls: sum(functions.counts()), transitions: sum(service.transitions()) }
  const sweepsBefore = functions.counts()['sweep'] ?? 0

  async function live(tenant: string): Promise<void> {
    const id = await client.create(tenant, { waitSeconds: LONGEST_WAIT })
    order.answered(id)
    const ended = lives.became(id, 'destroyed')
    const served = await Promise.race([lives.became(id, 'active').then(() => true), ended.then(() => false)])
    if (!served) throw new Error(`lease ${id} ended before it was active`)
    await kernel.sleep(hold * (0.5 + random.fraction()))
    await client.release(id, tenant)
    await ended
  }
  installation.beginSweeps()
  await installation.finish(
    Promise.all(Array.from({ length: leases }, (_, at) => live(tenants[at % tenants.length] ?? ''))),
  )
  await installation.until(() => order.free() === slots && service.running().length === 0)

  const sweeps = installation.sweeps.total()
  return {
    leases,
    slots,
    table: less(installation.table.tally.total(), sweeps),
    sweeps,
    byOperation: installation.table.tally.counts(),
    lost: installation.table.tally.lost(),
    transitions: sum(service.transitions()) - before.transitions,
    lambdaCalls: sum(functions.counts()) - before.calls - ((functions.counts()['sweep'] ?? 0) - sweepsBefore),
    sentAgain: client.requests().again,
    order: order.seen(),
    broken: simulation.broken(),
    seconds: (kernel.now() - before.at) / 1_000,
  }
}

/** Leases of the largest burst wait for hours. */
const LONGEST_WAIT = 24 * 3_600

const sum = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((all, one) => all + one, 0)

function less(all: Count, part: Count): Count {
  const entries = Object.keys(NOTHING).map((name) => [
    name,
    all[name as keyof Count] - part[name as keyof Count],
  ])
  return Object.fromEntries(entries) as Count
}
