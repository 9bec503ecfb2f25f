import type { Blueprint } from '../../domain/catalogue.ts'
import type { Ports } from '../ports/ports.ts'
import type { Condition } from '../ports/table.ts'
import { registryKey, registryOf } from '../store/keys.ts'
import type { HostSpec } from './read-config.ts'

const always: Condition = { name: 'whatever_was_there', all: [] }

/** Each host blueprint is a pool; its entry tells how many slots its hosts have when all is well. */
export async function countSlots(
  ports: Pick<Ports, 'table'>,
  blueprints: readonly Blueprint[],
  hosts: readonly HostSpec[],
): Promise<void> {
  const pools = blueprints.filter((blueprint) => blueprint.type === 'host').map((blueprint) => blueprint.name)
  for (const name of pools) {
    const slots = hosts.filter((host) => host.pool === name).reduce((sum, host) => sum + host.capacity, 0)
    await ports.table.write({
      kind: 'update',
      key: registryKey('pool', name),
      set: { name, slots },
      when: always,
    })
  }
  const registered = await ports.table.query({ PK: registryOf('pool'), limit: 1_000 })
  for (const item of registered.filter((entry) => !pools.includes(entry.SK))) {
    await ports.table.write({ kind: 'delete', key: { PK: item.PK, SK: item.SK }, when: always })
  }
}
