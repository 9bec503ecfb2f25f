import type { Pace } from '../../../domain/pace.ts'
import { paceAfter } from '../../../domain/pace.ts'
import { countSlots } from '../../config/pool-entries.ts'
import { matchPool } from '../../allocation/match.ts'
import type { Ports } from '../../ports/ports.ts'
import type { Item } from '../../ports/table.ts'
import { poolSeenAt } from '../../store/conditions/fleet.ts'
import { registryKey } from '../../store/keys.ts'
import type { Guard } from '../guard.ts'
import type { Supply } from './hosts.ts'
import { readRegistry } from '../../store/pages.ts'

type Needs = Pick<Ports, 'table' | 'chance' | 'clock' | 'executions' | 'journal'>

/** Serves every pool that has waiters and free slots, and keeps its pace. Answers how many leases were served. */
export async function sweepPools(
  ports: Needs,
  guard: Guard,
  supplies: ReadonlyMap<string, Supply>,
): Promise<number> {
  const pools = await readRegistry(ports, 'pool')
  const miscounted = pools.some(({ SK: pool, slots }) => (supplies.get(pool)?.able ?? slots) !== slots)
  if (miscounted) await guard.over({ part: 'pools' }, undefined, async () => countSlots(ports))
  let served = 0
  for (const pool of pools) {
    served += await guard.over({ pool: pool.SK }, 0, async () => matchPool(ports, pool.SK, 'sweep'))
    await guard.over({ pool: pool.SK }, undefined, async () => keepPace(ports, pool, supplies.get(pool.SK)))
  }
  return served
}

/** A pool that stands still costs no write. */
async function keepPace(ports: Needs, entry: Item, supply: Supply | undefined): Promise<void> {
  const before = paceOf(entry)
  if (!supply || (before && supply.held === 0 && before.epochs === supply.epochs)) return
  const { at, ...rest } = paceAfter(before, { ...supply, now: ports.clock.now() })
  const { meanHold, ...count } = rest
  await ports.table.write({
    kind: 'update',
    key: registryKey('pool', entry.SK),
    set: { seenAt: at, counted: count, ...(meanHold === undefined ? {} : { meanHold }) },
    when: poolSeenAt(before?.at),
  })
}

function paceOf(entry: Item): Pace | undefined {
  const { seenAt, counted, meanHold } = entry
  if (typeof seenAt !== 'number' || typeof counted !== 'object') return undefined
  const count = counted as unknown as Pick<Pace, 'since' | 'slots' | 'epochs' | 'busy'>
  return { at: seenAt, ...count, ...(typeof meanHold === 'number' ? { meanHold } : {}) }
}
