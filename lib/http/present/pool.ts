import type { PoolView } from '../../app/pools/view-pool.ts'
import type { Pool } from '../../contract/pool.ts'
import type { Slot } from '../../domain/slot.ts'
import { given } from './given.ts'
import { presentHost } from './host.ts'

export function presentPool(view: PoolView): Pool {
  const slots = view.hosts.flatMap((entry) => entry.slots)
  const count = (state: Slot['state']): number => slots.filter((slot) => slot.state === state).length
  return {
    name: view.name,
    waiting: view.waiting,
    slots: {
      total: slots.length,
      free: count('free'),
      held: count('held'),
      dirty: count('dirty'),
      withheld: count('withheld'),
      broken: count('broken'),
    },
    hosts: view.hosts.map((entry) => presentHost(entry.host, entry.slots)),
    ...given({ oldestWaitSeconds: view.oldestWait === undefined ? undefined : view.oldestWait / 1_000 }),
  }
}
