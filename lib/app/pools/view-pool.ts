import type { Result } from '../../domain/refusals.ts'
import { ok, refuse } from '../../domain/refusals.ts'
import { nearest } from '../../domain/catalogue.ts'
import type { Host, Slot } from '../../domain/slot.ts'
import type { Ports } from '../ports/ports.ts'
import { hostKey, queueOf } from '../store/keys.ts'
import { hostOf } from '../store/slot-item.ts'
import { readLease, readSlots } from '../store/read.ts'
import { text } from '../store/attributes.ts'
import { readRegistry } from '../store/pages.ts'

/** Demand, supply and holders of a pool. */
export interface PoolView {
  readonly name: string
  readonly waiting: number
  /** Milliseconds that the head of the queue has waited. */
  readonly oldestWait?: number
  readonly hosts: readonly { readonly host: Host; readonly slots: readonly Slot[] }[]
}

type Needs = Pick<Ports, 'table' | 'clock'>

const MOST = 10_000

export async function viewPools(ports: Needs): Promise<readonly PoolView[]> {
  const pools = await readRegistry(ports, 'pool')
  const hosts = await readHosts(ports)
  return Promise.all(pools.map((pool) => view(ports, pool.SK, hosts)))
}

export async function viewPool(ports: Needs, name: string): Promise<Result<PoolView>> {
  const pools = await readRegistry(ports, 'pool')
  const names = pools.map((pool) => pool.SK)
  if (names.includes(name)) return ok(await view(ports, name, await readHosts(ports)))
  return refuse('not_found', `There is no pool named ${name}.`, { hints: { nearest: nearest(name, names) } })
}

async function view(ports: Needs, pool: string, hosts: readonly Host[]): Promise<PoolView> {
  const own = hosts.filter((host) => host.pool === pool)
  const waiters = await ports.table.query({ PK: queueOf(pool), from: 'W#', to: 'W#~', limit: MOST })
  const head = waiters[0] && (await readLease(ports, text(waiters[0], 'lease')))
  return {
    name: pool,
    waiting: waiters.length,
    ...(head ? { oldestWait: ports.clock.now() - head.createdAt } : {}),
    hosts: await Promise.all(own.map(async (host) => ({ host, slots: await readSlots(ports, host.name) }))),
  }
}

async function readHosts(ports: Needs): Promise<readonly Host[]> {
  const registered = await readRegistry(ports, 'host')
  const items = await Promise.all(registered.map((item) => ports.table.get(hostKey(text(item, 'name')))))
  return items.filter((item) => item !== undefined).map(hostOf)
}
