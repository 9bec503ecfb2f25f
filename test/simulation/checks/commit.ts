import type { CommitEvent } from '../watch.ts'
import { entityOf, slotIn, slotOfLease, textIn } from './entity.ts'
import type { Change, Commit } from './rule.ts'

/** What a commit changed, and the leases, slots and pools that it concerns. */
export function commitOf({ at, sequence, process, writes, before, after }: CommitEvent): Commit {
  const changes = writes.flatMap((write, index): readonly Change[] => {
    if (write.kind === 'check') return []
    const of = entityOf(write.kind === 'put' ? write.item : write.key)
    return of.kind === 'other' ? [] : [{ of, before: before[index], after: after[index] }]
  })
  const leases = new Set<string>()
  const slots = new Set<string>()
  const pools = new Set<string>()
  for (const { of, before: was, after: is } of changes) {
    switch (of.kind) {
      case 'lease':
        leases.add(of.lease)
        for (const slot of [slotOfLease(was), slotOfLease(is)]) if (slot !== undefined) slots.add(slot)
        break
      case 'event':
        leases.add(of.lease)
        break
      case 'waiter':
      case 'timer':
      case 'permit':
        for (const item of [was, is]) if (item) leases.add(textIn(item, 'lease'))
        if (of.kind === 'waiter') pools.add(of.pool)
        break
      case 'token':
        for (const item of [was, is]) if (item) slots.add(slotIn(item))
        pools.add(of.pool)
        break
      case 'slot':
        slots.add(of.slot)
        break
      case 'host':
      case 'tag':
      case 'tenant':
      case 'blueprint':
      case 'pool':
      case 'idempotency':
      case 'other':
    }
  }
  return { at, sequence, process, changes, leases, slots, pools }
}
