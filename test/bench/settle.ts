import { setTimeout as delay } from 'node:timers/promises'
import type { Client } from '../../lib/client/api.ts'
import type { Pools } from '../../lib/contract/pool.ts'

const LONGEST = 60_000

/**
 * Resolves when every slot is free and nobody waits: the next run meets a system at rest.
 * @throws Error with the pools where that does not come true within a minute
 */
export async function settle(client: Client): Promise<void> {
  const until = performance.now() + LONGEST
  for (;;) {
    const { pools } = await client.listPools()
    if (pools.every(isAtRest)) return
    if (performance.now() > until) throw new Error(`slots did not become free: ${JSON.stringify(pools)}`)
    await delay(10)
  }
}

const isAtRest = ({ waiting, slots }: Pools['pools'][number]): boolean =>
  waiting === 0 && slots.free === slots.total && slots.total > 0
