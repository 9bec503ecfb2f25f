import { stepOf, waiterKey } from '../../domain/waiter.ts'
import type { Ports } from '../ports/ports.ts'
import { notThereYet, tagNotPast, tagUnchanged } from '../store/conditions.ts'
import { registryKey, tagKey } from '../store/keys.ts'

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
 * One step after the tenant's last place, or now if that is later. The step is an addition, which nobody loses: a
 * crowd of one tenant's requests costs a write each. Only who finds the last place long past has to win a race.
 */
async function reserve(
  ports: Needs,
  tenant: string,
  pool: string,
  step: number,
  priority: number,
): Promise<number> {
  const key = tagKey(tenant, pool, priority)
  let last = numberOf((await ports.table.get(key))?.['base'])
  for (;;) {
    const now = ports.clock.now()
    if (last !== undefined && last + step > now) {
      const outcome = await ports.table.write({
        kind: 'update',
        key,
        set: {},
        add: { base: step },
        when: tagNotPast(now - step),
      })
      const base = outcome.committed ? numberOf(outcome.item?.['base']) : undefined
      if (base !== undefined) return base
      last = outcome.committed ? undefined : numberOf(outcome.lost[0]?.item?.['base'])
      continue
    }
    if (last === undefined) await register(ports, tenant)
    const outcome = await ports.table.write(
      last === undefined
        ? { kind: 'put', item: { ...key, base: now }, when: tagUnchanged(undefined) }
        : { kind: 'update', key, set: { base: now }, when: tagUnchanged(last) },
    )
    if (outcome.committed) return now
    last = numberOf(outcome.lost[0]?.item?.['base'])
  }
}

/** So that operators can list the leases of all tenants without a scan. */
async function register(ports: Pick<Ports, 'table'>, tenant: string): Promise<void> {
  const key = registryKey('tenant', tenant)
  await ports.table.write({ kind: 'put', item: { ...key, name: tenant }, when: notThereYet })
}

const numberOf = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined)
