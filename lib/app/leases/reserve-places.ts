import { baseOf, beginningOf, stepOf, waiterKey } from '../../domain/waiter.ts'
import { ATTEMPTS, contended } from '../contention.ts'
import type { Ports } from '../ports/ports.ts'
import { notThereYet } from '../store/conditions/any-item.ts'
import { tagNotPast, tagUnchanged } from '../store/conditions/tenant.ts'
import { queueOf, registryKey, tagKey } from '../store/keys.ts'

type Needs = Pick<Ports, 'table' | 'clock'>

/** The lease's place in the queue of each of its pools. A tenant's places in one pool and priority never repeat. */
export async function reservePlaces(
  ports: Needs,
  tenant: string,
  pools: readonly { readonly name: string; readonly quantum: number }[],
  priority: number,
  leaseId: string,
): Promise<Readonly<Record<string, string>>> {
  const places = await Promise.all(
    pools.map(async ({ name, quantum }) => {
      const base = await reserve(ports, tenant, name, stepOf(quantum), priority)
      return [name, waiterKey(base, priority, leaseId)] as const
    }),
  )
  return Object.fromEntries(places)
}

/**
 * One step after the tenant's last place, or the queue's beginning if that is later. The step is an addition, which
 * nobody loses: a crowd of one tenant's requests costs a write each. Only who finds the last place long past has to win
 * a race.
 */
async function reserve(
  ports: Needs,
  tenant: string,
  pool: string,
  step: number,
  priority: number,
): Promise<number> {
  const key = tagKey(tenant, pool, priority)
  const [tag, head] = await Promise.all([ports.table.get(key), headOf(ports, pool)])
  let last = numberOf(tag?.['base'])
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const beginning = beginningOf(head, ports.clock.now())
    if (last !== undefined && last + step > beginning) {
      const outcome = await ports.table.write({
        kind: 'update',
        key,
        set: {},
        add: { base: step },
        when: tagNotPast(beginning - step),
      })
      const base = outcome.committed ? outcome.item?.['base'] : outcome.lost[0]?.item?.['base']
      if (outcome.committed && typeof base === 'number') return base
      last = numberOf(base)
      continue
    }
    if (last === undefined) await register(ports, tenant)
    const outcome = await ports.table.write(
      last === undefined
        ? { kind: 'put', item: { ...key, base: beginning }, when: tagUnchanged(undefined) }
        : { kind: 'update', key, set: { base: beginning }, when: tagUnchanged(last) },
    )
    if (outcome.committed) return beginning
    last = numberOf(outcome.lost[0]?.item?.['base'])
  }
  throw contended(`reserving a place for ${tenant} in ${pool}`)
}

/** The base of whoever is served next, or undefined where nobody waits. */
async function headOf(ports: Pick<Ports, 'table'>, pool: string): Promise<number | undefined> {
  const [item] = await ports.table.query({ PK: queueOf(pool), from: 'W#', to: 'W#~', limit: 1 })
  return item && baseOf(item.SK, numberOf(item['priority']) ?? 0)
}

/** So that operators can list the leases of all tenants without a scan. */
async function register(ports: Pick<Ports, 'table'>, tenant: string): Promise<void> {
  const key = registryKey('tenant', tenant)
  await ports.table.write({ kind: 'put', item: { ...key, name: tenant }, when: notThereYet })
}

const numberOf = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined)
