import type { Ports } from '../../ports/ports.ts'
import type { Item } from '../../ports/table.ts'
import { text } from '../../store/attributes.ts'
import { stillThere } from '../../store/conditions.ts'
import { dueBy, SHARDS, timersOf } from '../../store/keys.ts'
import { readLease } from '../../store/read.ts'
import { repair } from '../repair.ts'
import type { Findings } from './sweep.ts'
import type { Guard } from '../guard.ts'

type Needs = Pick<Ports, 'table' | 'chance' | 'clock' | 'executions' | 'journal'>
type Count = Pick<Findings, 'due' | 'ended' | 'restarted' | 'orphans'>

/** Timers of one shard that are read at once. */
const PAGE = 200
/** Milliseconds; what is left then is the next sweep's. */
const BUDGET = 40_000

/** Every timer that is due, earliest first; the shards beside each other, as a crowd may fall due at once. */
export async function sweepTimers(ports: Needs, guard: Guard): Promise<Count> {
  const until = ports.clock.now() + BUDGET
  const shards = Array.from({ length: SHARDS }, (_, shard) => shard)
  const counts = await Promise.all(shards.map(async (shard) => sweepShard(ports, guard, shard, until)))
  return counts.reduce(plus)
}

async function sweepShard(ports: Needs, guard: Guard, shard: number, until: number): Promise<Count> {
  let count: Count = NONE
  const PK = timersOf(shard)
  for (let from: string | undefined; ;) {
    const to = dueBy(ports.clock.now())
    const items = await ports.table.query({ PK, ...(from === undefined ? {} : { from }), to, limit: PAGE })
    for (const item of items) {
      if (item.SK === from) continue
      if (ports.clock.now() > until) return count
      const id = text(item, 'lease')
      const found = await guard.over({ leaseId: id }, NONE, async () => look(ports, id, item))
      count = plus(count, { ...found, due: 1 })
    }
    const last = items.at(-1)
    if (!last || items.length < PAGE) return count
    from = last.SK
  }
}

async function look(ports: Needs, id: string, item: Item): Promise<Count> {
  switch (await repair(ports, id)) {
    case 'ended':
      return { ...NONE, ended: 1 }
    case 'restarted':
      return { ...NONE, restarted: 1 }
    case 'gone':
      return { ...NONE, orphans: await dropTimer(ports, id, item) }
    case 'nothing':
      return NONE
  }
}

/** A destroyed lease has no timer: one that is found is dropped, unless the lease lives after all. */
async function dropTimer(ports: Needs, id: string, { PK, SK }: Item): Promise<number> {
  const lease = await readLease(ports, id)
  if (lease && lease.status !== 'destroyed') return 0
  const outcome = await ports.table.write({ kind: 'delete', key: { PK, SK }, when: stillThere })
  return outcome.committed ? 1 : 0
}

const NONE: Count = { due: 0, ended: 0, restarted: 0, orphans: 0 }

const plus = (one: Count, other: Count): Count => ({
  due: one.due + other.due,
  ended: one.ended + other.ended,
  restarted: one.restarted + other.restarted,
  orphans: one.orphans + other.orphans,
})
