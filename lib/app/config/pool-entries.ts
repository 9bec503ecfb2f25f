import { leastOf } from '../../domain/catalogue.ts'
import { reaches } from '../../domain/isolation.ts'
import type { Ports } from '../ports/ports.ts'
import type { Item } from '../ports/table.ts'
import { noPool } from '../store/conditions/blueprint.ts'
import { poolCountedAs } from '../store/conditions/fleet.ts'
import { stillThere } from '../store/conditions/any-item.ts'
import { blueprintKey, registryKey } from '../store/keys.ts'
import { ATTEMPTS, contended } from '../contention.ts'
import { readConfig } from './read-config.ts'
import { readRegistry } from '../store/pages.ts'

type Needs = Pick<Ports, 'table' | 'chance'>

/**
 * Each host blueprint is a pool; its entry tells how many slots its hosts have when all is well. A host that does not
 * reach the pool's level does not count: its slots are given to nobody. Counted from what is stored, so that two operators who apply at once end with the same number.
 */
export async function countSlots(ports: Needs): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const before = await readRegistry(ports, 'pool')
    const { catalogue, isolation } = await readConfig(ports)
    const wanted = Object.values(catalogue.blueprints)
      .filter((blueprint) => blueprint.type === 'host')
      .map((blueprint) => {
        const able = Object.values(catalogue.hosts).filter(
          (host) =>
            host.pool === blueprint.name && reaches(isolation(host.name) ?? 'cgroup', leastOf(blueprint)),
        )
        return { name: blueprint.name, slots: able.reduce((sum, host) => sum + host.capacity, 0) }
      })
    const outcomes = await Promise.all([
      ...wanted.map(async (pool) => keep(ports, before, pool)),
      ...before
        .filter(({ SK }) => !wanted.some(({ name }) => name === SK))
        .map(async (entry) => drop(ports, entry)),
    ])
    // Only a look that found nothing to do ends it: what was written may have been undone by somebody who looked before.
    if (outcomes.every((outcome) => outcome === 'as it is')) return
  }
  throw contended('counting the slots of the pools')
}

async function keep(
  ports: Needs,
  before: readonly Item[],
  { name, slots }: { readonly name: string; readonly slots: number },
): Promise<Done> {
  const entry = before.find(({ SK }) => SK === name)
  if (entry?.['slots'] === slots) return 'as it is'
  const key = registryKey('pool', name)
  await ports.table.write({
    kind: 'update',
    key,
    set: { name, slots },
    when: poolCountedAs(slotsOf(entry)),
  })
  return 'written'
}

type Done = 'as it is' | 'written'

async function drop(ports: Needs, { PK, SK }: Item): Promise<Done> {
  await ports.table.transact(ports.chance.opaque(), [
    { kind: 'check', key: blueprintKey(SK), when: noPool },
    { kind: 'delete', key: { PK, SK }, when: stillThere },
  ])
  return 'written'
}

const slotsOf = (entry: Item | undefined): number | undefined => {
  const slots = entry?.['slots']
  return typeof slots === 'number' ? slots : undefined
}
