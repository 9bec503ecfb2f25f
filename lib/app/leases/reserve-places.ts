import { nextBase, waiterKey } from '../../domain/waiter.ts'
import type { Ports } from '../ports/ports.ts'
import { notThereYet, tagUnchanged } from '../store/conditions.ts'
import { registryKey, tagKey } from '../store/keys.ts'

/**
 * The lease's place in the queue of each of its pools. A tenant's places in one pool and priority are strictly
 * ascending: whoever loses the race for one takes the next.
 */
export async function reservePlaces(
  ports: Pick<Ports, 'table' | 'clock'>,
  tenant: string,
  pools: readonly { readonly name: string; readonly quantum: number }[],
  priority: number,
  leaseId: string,
): Promise<Readonly<Record<string, string>>> {
  const places: Record<string, string> = {}
  for (const { name, quantum } of pools) {
    places[name] = waiterKey(await reserve(ports, tenant, name, quantum, priority), priority, leaseId)
  }
  return places
}

async function reserve(
  ports: Pick<Ports, 'table' | 'clock'>,
  tenant: string,
  pool: string,
  quantum: number,
  priority: number,
): Promise<number> {
  const key = tagKey(tenant, pool, priority)
  let last = await readBase(ports, tenant, pool, priority)
  for (;;) {
    const base = nextBase(last, quantum, ports.clock.now())
    if (last === undefined) await register(ports, tenant)
    const write =
      last === undefined
        ? ({ kind: 'put', item: { ...key, base }, when: tagUnchanged(undefined) } as const)
        : ({ kind: 'update', key, set: { base }, when: tagUnchanged(last) } as const)
    const outcome = await ports.table.write(write)
    if (outcome.committed) return base
    last = numberOf(outcome.lost[0]?.item?.['base'])
  }
}

async function readBase(ports: Pick<Ports, 'table'>, tenant: string, pool: string, priority: number) {
  return numberOf((await ports.table.get(tagKey(tenant, pool, priority)))?.['base'])
}

/** So that operators can list the leases of all tenants without a scan. */
async function register(ports: Pick<Ports, 'table'>, tenant: string): Promise<void> {
  await ports.table.write({
    kind: 'put',
    item: { ...registryKey('tenant', tenant), name: tenant },
    when: notThereYet,
  })
}

const numberOf = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined)
