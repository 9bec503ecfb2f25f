import type { Blueprint } from '../../domain/catalogue.ts'
import { poolsOf } from '../../domain/catalogue.ts'
import { POOLS_PER_LEASE } from '../../domain/limits.ts'
import { quantumOf } from '../../domain/pace.ts'
import type { Result } from '../../domain/refusals.ts'
import { ok, refuse } from '../../domain/refusals.ts'
import type { Ports } from '../ports/ports.ts'
import type { Item } from '../ports/table.ts'
import { registryKey } from '../store/keys.ts'
import { unknownName } from './unknown-name.ts'

export interface PoolEntry {
  readonly name: string
  /** Slots that its hosts have when all is well. */
  readonly slots: number
  /** Milliseconds of the pool's time that one lease takes, on average. */
  readonly quantum: number
}

/** The pools in whose queues the lease will wait: those of the blueprint, or the ones asked for among them. */
export async function judgePools(
  ports: Pick<Ports, 'table'>,
  blueprint: Blueprint,
  asked: readonly string[] | undefined,
): Promise<Result<readonly PoolEntry[]>> {
  const found = await findPools(ports, asked ?? poolsOf(blueprint))
  if (!found.ok) return found
  const entries = found.value
  const foreign = entries.find(({ name }) => !poolsOf(blueprint).includes(name))
  if (foreign !== undefined) {
    return refuse('impossible', `Blueprint ${blueprint.name} has no slots in pool ${foreign.name}.`, {
      hints: { pools: poolsOf(blueprint) },
    })
  }
  if (entries.every((entry) => entry.slots === 0)) {
    return refuse('impossible', `No host of ${entries.map(({ name }) => name).join(', ')} has a slot.`)
  }
  return found
}

/** The pools of these names, each once, if a lease may wait in so many. */
export async function findPools(
  ports: Pick<Ports, 'table'>,
  wanted: readonly string[],
): Promise<Result<readonly PoolEntry[]>> {
  const names = [...new Set(wanted)]
  if (names.length > POOLS_PER_LEASE) {
    return refuse('too_many_pools', `${names.length} pools were asked for.`, {
      hints: { most: POOLS_PER_LEASE },
    })
  }
  const items = await ports.table.getAll(names.map((name) => registryKey('pool', name)))
  const missing = names.find((_, index) => !items[index])
  if (missing !== undefined) return unknownName(ports, 'unknown_pool', 'pool', missing)
  return ok(names.map((name, index) => entryOf(name, items[index])))
}

function entryOf(name: string, item: Item | undefined): PoolEntry {
  const slots = Number(item?.['slots'] ?? 0)
  const measured = item?.['meanHold']
  return { name, slots, quantum: quantumOf(typeof measured === 'number' ? measured : undefined, slots) }
}
