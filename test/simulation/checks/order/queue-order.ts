import { textIn } from '../entity.ts'
import type { Commit, CreateRule } from '../rule.ts'
import { changesOf } from '../rule.ts'
import { isAcquisition } from '../slots/epochs.ts'
import type { Place, PoolState, Seen } from './queues.ts'
import { createQueues } from './queues.ts'

export interface Acquisition {
  readonly lease: string
  readonly pool: string
  readonly key: string
  /** By another lease; the slot was never free in between. */
  readonly handedOver: boolean
}

/** P4: slots go out in the order of the waiter key. */
export const queueOrder: CreateRule = () => {
  const queues = createQueues()
  const counted = { 'acquisitions checked strictly': 0, 'acquisitions from a pool that had changed': 0 }
  return {
    says: 'P4 nobody is passed over, as who is served is the head or leaves a free slot for each before it',
    read: queues.read,
    *committed(commit) {
      const acquisitions = acquisitionsIn(commit)
      const stood = new Map(acquisitions.map(({ pool }) => [pool, queues.of(pool)]))
      queues.committed(commit)
      for (const one of acquisitions) {
        const seen = queues.lastSeen(commit.process, one.pool)
        if (seen.reads.length === 0) {
          yield `lease ${one.lease} got a slot of ${one.pool} from somebody who had not read its queue`
          continue
        }
        yield* misjudged(one, seen)
        // Where the pool changed after it was read, the decision was made on what was true then.
        const changed = seen.reads.some((read) => read !== stood.get(one.pool))
        if (changed) counted['acquisitions from a pool that had changed'] += 1
        else {
          counted['acquisitions checked strictly'] += 1
          yield* passedOver(one, queues.of(one.pool))
        }
      }
    },
    counts: () => counted,
  }
}

export function acquisitionsIn(commit: Commit): readonly Acquisition[] {
  return changesOf(commit, 'lease').flatMap(({ of, before, after }): readonly Acquisition[] => {
    if (!after || !isAcquisition(before, after)) return []
    const { pool } = after['slot'] as { readonly pool: string }
    const key = (after['waiters'] as Readonly<Record<string, string>>)[pool] ?? ''
    const handedOver = changesOf(commit, 'slot').some((slot) => textIn(slot.before, 'lease') !== '')
    return [{ lease: of.lease, pool, key, handedOver }]
  })
}

const ahead = (queue: readonly Place[], key: string): readonly Place[] =>
  queue.filter((place) => place.key < key)

/** Whatever happened since: on what was read, this one had its turn. */
function* misjudged({ lease, pool, key, handedOver }: Acquisition, seen: Seen): Generator<string> {
  const before = Math.min(...seen.reads.map(({ queue }) => ahead(queue, key).length))
  const looks = seen.tokens.map((count, at) => count + (seen.tokens[at + 1] ?? 0))
  const tokens = handedOver ? 0 : Math.max(0, ...looks)
  if (before > 0 && before >= tokens) {
    yield `lease ${lease} got a slot of ${pool} with ${before} before it and ${tokens} free slots, as they were read`
  }
}

/** Nothing happened since: who stands before it has a free slot to take. */
function* passedOver({ lease, pool, key }: Acquisition, after: PoolState): Generator<string> {
  const left = ahead(after.queue, key)
  if (left.length > after.tokens.length) {
    const names = left.slice(0, 3).map((place) => place.lease)
    yield `lease ${lease} got a slot of ${pool}; ${left.length} before it (${names.join(', ')}) were left with ${after.tokens.length} free slots`
  }
}
