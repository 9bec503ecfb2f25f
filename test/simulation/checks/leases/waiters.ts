import { statusOf, textIn } from '../entity.ts'
import type { CreateRule } from '../rule.ts'

/** At most so many pools could serve one lease. */
const MOST_POOLS = 4

export const waitersArePendingLeases: CreateRule = ({ shadow }) => ({
  says: 'a pending lease has one place in the queue of each of its pools, and nothing else has one',
  *committed({ leases }) {
    for (const id of leases) {
      const lease = shadow.leases.get(id)
      const places = shadow.waiters(id).map(({ PK, SK }) => `${PK} ${SK}`)
      const wanted = placesOf(lease)
      if (places.toSorted().join() !== wanted.toSorted().join()) {
        yield `lease ${id} is ${statusOf(lease) || 'not there'} and stands at [${places.join(', ')}], not at [${wanted.join(', ')}]`
      }
    }
  },
})

/** Where the lease has to stand: at `W#...`, or with a disabled blueprint at `X#...` with the same rest. */
function placesOf(
  lease: ReturnType<Parameters<CreateRule>[0]['shadow']['leases']['get']>,
): readonly string[] {
  if (lease === undefined || statusOf(lease) !== 'pending') return []
  const waiters = lease['waiters'] as Readonly<Record<string, string>>
  const pools = lease['pools'] as readonly string[]
  return pools.slice(0, MOST_POOLS).map((pool) => {
    const key = waiters[pool] ?? 'nowhere'
    return `Q#${pool} ${lease['parked'] === true ? key.replace(/^W/, 'X') : key}`
  })
}

export const waitersNameTheirLease: CreateRule = ({ shadow }) => ({
  says: 'a place in a queue names its lease and its pool, at most four of them',
  *committed({ leases }) {
    for (const id of leases) {
      const pools = shadow.leases.get(id)?.['pools']
      if (Array.isArray(pools) && pools.length > MOST_POOLS)
        yield `lease ${id} asks for ${pools.length} pools`
      for (const waiter of shadow.waiters(id)) {
        if (!waiter.SK.endsWith(`#${id}`))
          yield `the place ${waiter.SK} names lease ${textIn(waiter, 'lease')}`
      }
    }
  },
})
