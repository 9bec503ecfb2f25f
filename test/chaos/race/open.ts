import { serve } from '../../../infra/local/trial/serve.ts'
import type { Served } from '../../../infra/local/trial/serve.ts'
import { POOL } from '../../../infra/local/trial/catalogue.ts'
import type { ConfigInput } from '../../../lib/contract/config.ts'

const MOST_ON_ONE_HOST = 25

/** Slots of a pool over a few hosts, at least three, as evenly as it goes: host -> capacity. */
export function spread(slots: number): Readonly<Record<string, number>> {
  const hosts = Math.min(slots, Math.max(3, Math.ceil(slots / MOST_ON_ONE_HOST)))
  return Object.fromEntries(
    Array.from({ length: hosts }, (_, index) => [
      `host-${index + 1}`,
      Math.floor(slots / hosts) + (index < slots % hosts ? 1 : 0),
    ]),
  )
}

/** A stack in this process with so many slots in one pool. */
export async function openStack(slots: number, onInvoke: (functionName: string) => void): Promise<Served> {
  const capacities = spread(slots)
  return serve({
    hosts: Object.keys(capacities),
    catalogue: (hosts): ConfigInput => ({
      blueprints: { [POOL]: { type: 'host', allow: ['*'], isolation: 'process' } },
      hosts: Object.fromEntries(
        hosts.map(({ name, reach, directory }) => [
          name,
          { pool: POOL, ...reach, directory, capacity: capacities[name] ?? 1 },
        ]),
      ),
    }),
    onInvoke,
  })
}
