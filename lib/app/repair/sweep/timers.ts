import { KINDS } from '../../../domain/work.ts'
import type { Ports } from '../../ports/ports.ts'
import type { Item } from '../../ports/table.ts'
import { text } from '../../store/attributes.ts'
import { stillThere } from '../../store/conditions/any-item.ts'
import { dueBy, SHARDS, timersOf } from '../../store/keys.ts'
import { readLease } from '../../store/read.ts'
import { repair } from '../repair.ts'
import { REPAIRS } from '../repair-work.ts'
import type { Findings } from './sweep.ts'
import type { Guard } from '../guard.ts'

type Needs = Pick<Ports, 'table' | 'chance' | 'clock' | 'executions' | 'journal'>
type Count = Pick<Findings, 'due' | 'ended' | 'restarted' | 'orphans'>

/** Timers of one shard that are read at once. */
const PAGE = 200
/** And looked at beside each other: most of a look is waiting for the table. */
const AT_ONCE = 4
/** Milliseconds; what is left then is the next sweep's. */
const BUDGET = 40_000

/** Every timer that is due, earliest first; the shards beside each other, as a crowd may fall due at once. */
export async function sweepTimers(ports: Needs, guard: Guard): Promise<Count> {
  const until = ports.clock.now() + BUDGET
  const shards = Array.from({ length: SHARDS }, (_, shard) => shard)
  const counts = await Promise.all(
    shards.map(async (shard) =>
      guard.over({ shard }, NONE, async () => sweepShard(ports, guard, shard, until)),
    ),
  )
  return counts.reduce(plus)
}

async function sweepShard(ports: Needs, guard: Guard, shard: number, until: number): Promise<Count> {
  let count: Count = NONE
  const PK = timersOf(shard)
  for (let from: string | undefined; ;) {
    const to = dueBy(ports.clock.now())
    const items = await ports.table.query({ PK, ...(from === undefined ? {} : { from }), to, limit: PAGE })
    const due = items.filter((item) => item.SK !== from)
    const work = async () => {
      for (let item = due.shift(); item && ports.clock.now() <= until; item = due.shift()) {
        const timer = item
        const found = await guard.over({ timer: timer.SK }, NONE, async () => look(ports, timer))
        count = plus(count, { ...found, due: 1 })
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, work))
    if (ports.clock.now() > until) return count
    const last = items.at(-1)
    if (!last || items.length < PAGE) return count
    from = last.SK
  }
}

/** A timer says what it is of; without a word it is a lease's. */
const look = async (ports: Needs, item: Item): Promise<Count> =>
  item['of'] === undefined ? lookAtLease(ports, item) : lookAtWork(ports, item)

async function lookAtWork(ports: Needs, item: Item): Promise<Count> {
  const kind = KINDS.find((one) => one === item['of'])
  const repairKind = kind && REPAIRS[kind]
  if (!repairKind) throw new Error(`nobody repairs what a timer of ${text(item, 'of')} is of`)
  const did = await repairKind(ports, text(item, 'work'))
  if (did === 'restarted') return { ...NONE, restarted: 1 }
  if (did === 'nothing') return NONE
  const { PK, SK } = item
  const outcome = await ports.table.write({ kind: 'delete', key: { PK, SK }, when: stillThere })
  return { ...NONE, orphans: outcome.committed ? 1 : 0 }
}

async function lookAtLease(ports: Needs, item: Item): Promise<Count> {
  const id = text(item, 'lease')
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
