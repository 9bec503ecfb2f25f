import { compareUtf8 } from '../../../lib/adapters/dynamodb/order.ts'
import type { Key, Write } from '../../../lib/app/ports/table.ts'
import { text } from '../../../lib/app/store/attributes.ts'
import { statusOf } from './commits.ts'

/** What is to be seen of a queue in the order in which its changes were committed. */
export interface OrderSeen {
  /** Leases that were given a slot. */
  readonly acquired: number
  /** Of them those that were given it in the very transaction that ended its holder. */
  readonly handedOver: number
  /** Leases that stood ahead of one that was given a slot, beyond those for which a slot was free as well. */
  readonly inversions: number
  /** Of them those of the same tenant. */
  readonly ofOneTenant: number
  /** Likewise, of leases that were being made at that moment: nobody had been told that they stand in the queue. */
  readonly unanswered: number
  /** How often an execution was awakened because its lease had been handed a slot: its task token was used. */
  readonly awakened: number
}

/** Follows one pool commit by commit; the tenant of a lease is asked for. */
export function createOrder(tenantOf: (lease: string) => string | undefined) {
  const queue: { readonly key: string; readonly lease: string }[] = []
  const leaseAt = new Map<string, string>()
  let free = 0
  let acquired = 0
  let handedOver = 0
  let inversions = 0
  let ofOneTenant = 0
  let unanswered = 0
  const answered = new Set<string>()
  /** Handed a slot, and not active yet. */
  const given = new Set<string>()
  let awakened = 0

  const placeOf = (key: string): number => {
    let low = 0
    let high = queue.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const other = queue[middle]
      if (other && compareUtf8(other.key, key) < 0) low = middle + 1
      else high = middle
    }
    return low
  }

  function judge(writes: readonly Write[]): void {
    const statuses = writes.flatMap((write) => statusOf(write) ?? [])
    for (const { lease, status } of statuses) if (status === 'active') given.delete(lease)
    const taken = statuses.find(({ status }) => status === 'acquired')
    if (!taken) return
    acquired += 1
    const ended = statuses.some(({ status }) => status === 'destroyed')
    if (ended) {
      handedOver += 1
      given.add(taken.lease)
    }
    const own = leaseAt.get(taken.lease)
    if (own === undefined) return
    const at = placeOf(own)
    const slots = ended ? free + 1 : free
    const passed = queue.slice(0, at).slice(slots - 1)
    const standing = passed.filter((other) => answered.has(other.lease))
    const tenant = tenantOf(taken.lease)
    inversions += standing.length
    ofOneTenant += standing.filter((other) => tenantOf(other.lease) === tenant).length
    unanswered += passed.length - standing.length
  }

  function apply(write: Write): void {
    const { PK, SK }: Key = write.kind === 'put' ? write.item : write.key
    if (PK.startsWith('F#')) free += write.kind === 'put' ? 1 : write.kind === 'delete' ? -1 : 0
    if (write.when.name === 'token_unused' && given.has(PK.slice(2))) awakened += 1
    if (!PK.startsWith('Q#')) return
    if (write.kind === 'put') {
      const lease = text(write.item, 'lease')
      queue.splice(placeOf(SK), 0, { key: SK, lease })
      leaseAt.set(lease, SK)
    }
    if (write.kind === 'delete') queue.splice(placeOf(SK), 1)
  }

  return {
    committed(writes: readonly Write[]): void {
      judge(writes)
      for (const write of writes) apply(write)
    },
    /** The lease's POST was answered: from now on it certainly stands in its queue, or has a slot. */
    answered: (lease: string) => void answered.add(lease),
    waiting: () => queue.length,
    free: () => free,
    seen: (): OrderSeen => ({ acquired, handedOver, inversions, ofOneTenant, unanswered, awakened }),
  }
}
