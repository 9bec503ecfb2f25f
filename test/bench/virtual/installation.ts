import { createMemoryTable } from '../../../lib/adapters/memory/table.ts'
import { applyConfig } from '../../../lib/app/config/apply-config.ts'
import type { Catalogue } from '../../../lib/app/config/read-config.ts'
import type { Ports } from '../../../lib/app/ports/ports.ts'
import type { Table, Write } from '../../../lib/app/ports/table.ts'
import { sweep } from '../../../lib/app/repair/sweep/sweep.ts'
import type { Findings } from '../../../lib/app/repair/sweep/sweep.ts'
import { openSimulation } from '../../simulation/simulation.ts'
import type { Simulation } from '../../simulation/simulation.ts'
import { createCountingTable } from '../counting/table.ts'
import type { CountingTable } from '../counting/table.ts'
import { createTally } from '../counting/tally.ts'
import type { Tally } from '../counting/tally.ts'
import { announcing } from './commits.ts'

export const POOL = 'linux'
const SLOTS_PER_HOST = 50
const MINUTE = 60_000

/** The control plane in virtual time over a table that counts, with one pool of fake hosts at rest. */
export interface Installation {
  readonly simulation: Simulation
  readonly table: CountingTable
  /** Of the sweeps alone. */
  readonly sweeps: Tally
  /** Every minute from now on, as the schedule does. */
  readonly beginSweeps: () => void
  readonly sweepOnce: () => Promise<Findings>
  /** Lets virtual time pass until it is so. */
  readonly until: (done: () => boolean) => Promise<void>
  /** Work of ours in virtual time, to its end. */
  readonly finish: <T>(work: Promise<T>) => Promise<T>
  /** One call of a function that a machine does not make, to its end. */
  readonly call: <T>(name: Called, work: (ports: Ports) => Promise<T>) => Promise<T>
  /** Seconds that those calls ran, by function. */
  readonly seconds: () => Readonly<Record<Called, number>>
}

export type Called = 'api' | 'authorize' | 'poll'

export interface InstallationOptions {
  readonly slots: number
  readonly tenants: readonly string[]
  /** Living leases that a tenant may have. */
  readonly quota: number
  readonly table?: Table
  readonly seed?: number
  readonly committed: (writes: readonly Write[]) => void
}

export async function openInstallation(options: InstallationOptions): Promise<Installation> {
  const table = createCountingTable(options.table ?? createMemoryTable())
  let free = 0
  const told = (writes: readonly Write[]) => {
    free += writes.filter((write) => write.kind === 'put' && write.item.PK.startsWith('F#')).length
    options.committed(writes)
  }
  const simulation = openSimulation({ seed: options.seed ?? 1, table: announcing(table, told) })
  const { kernel, functions } = simulation
  const sweeps = createTally()
  let sweeping = false

  const until = (done: () => boolean) => kernel.run(Infinity, done)
  const finish = async <T>(work: Promise<T>): Promise<T> => {
    let over = false
    const ended = work.finally(() => {
      over = true
    })
    ended.catch(() => undefined)
    await until(() => over)
    return ended
  }
  const seconds: Record<Called, number> = { api: 0, authorize: 0, poll: 0 }
  const call: Installation['call'] = async (name, work) => {
    const began = kernel.now()
    const ran = await functions.run(name, work)
    seconds[name] += (kernel.now() - began) / 1_000
    if (!ran.ok) throw ran.error
    return ran.value
  }
  const sweepOnce = async () => {
    const ran = await functions.run('sweep', async (ports) =>
      sweep({ ...ports, table: table.reachedBy(ports.table, sweeps) }),
    )
    if (!ran.ok) throw ran.error
    return ran.value
  }
  const minute = () => {
    void sweepOnce()
    kernel.after(MINUTE, minute)
  }

  const applied = await finish(
    call('api', (ports) => applyConfig(ports, catalogue(options), { dryRun: false, remove: false })),
  )
  if (!applied.ok) throw new Error(applied.refusal.detail)
  await until(() => free >= options.slots && simulation.service.running().length === 0)
  table.tally.reset()
  return {
    simulation,
    table,
    sweeps,
    beginSweeps: () => {
      if (!sweeping) kernel.after(MINUTE, minute)
      sweeping = true
    },
    sweepOnce,
    until,
    finish,
    call,
    seconds: () => ({ ...seconds }),
  }
}

const catalogue = ({ slots, tenants, quota }: InstallationOptions): Catalogue => ({
  blueprints: { [POOL]: { name: POOL, type: 'host', allow: ['*'], limits: {} } },
  repositories: {},
  hosts: Object.fromEntries(
    Array.from({ length: Math.ceil(slots / SLOTS_PER_HOST) }, (_, number) => {
      const name = `host-${number}`
      return [name, hostSpec(name, Math.min(SLOTS_PER_HOST, slots - number * SLOTS_PER_HOST))]
    }),
  ),
  tenants: Object.fromEntries(tenants.map((name) => [name, { name, leases: quota }])),
})

const hostSpec = (name: string, capacity: number): Catalogue['hosts'][string] => ({
  name,
  pool: POOL,
  transport: 'ssh',
  address: '127.0.0.1',
  port: 22,
  user: 'ci',
  hostKey: `SHA256:${'A'.repeat(43)}`,
  directory: '.drydock',
  capacity,
})
