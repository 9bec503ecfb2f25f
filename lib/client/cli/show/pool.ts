import type { Pool, Pools } from '../../../contract/pool.ts'
import { table } from './plain.ts'

export function listPools({ pools }: Pools): string {
  return table(
    ['POOL', 'WAITING', 'OLDEST', 'SLOTS', 'FREE', 'HELD', 'DIRTY', 'WITHHELD', 'BROKEN', 'HOSTS'],
    pools.map(({ name, waiting, oldestWaitSeconds, slots, hosts }) => [
      name,
      waiting,
      oldestWaitSeconds === undefined ? undefined : `${Math.round(oldestWaitSeconds)} s`,
      slots.total,
      slots.free,
      slots.held,
      slots.dirty,
      slots.withheld,
      slots.broken,
      hosts.length,
    ]),
  )
}

export function describePool(pool: Pool): string {
  const slots = pool.hosts.flatMap((host) =>
    host.slots.map((slot) => [
      host.name,
      stateOf(host),
      host.isolation,
      slot.number,
      slot.state,
      slot.lease,
      slot.warm.join(' ') || undefined,
    ]),
  )
  const head = ['HOST', 'STATE', 'ISOLATION', 'SLOT', 'STATE', 'LEASE', 'WARM']
  return `${listPools({ pools: [pool] })}\n\n${table(head, slots)}`
}

function stateOf({ state, reason, changed }: Pool['hosts'][number]): string {
  const until = changed?.untilAt === undefined ? state : `${state} until ${changed.untilAt}`
  return reason === undefined ? until : `${until} (${reason})`
}
