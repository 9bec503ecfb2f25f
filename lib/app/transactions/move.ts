import type { Lease, LivingLease } from '../../domain/lease.ts'
import { isLiving } from '../../domain/lease.ts'
import type { Step } from '../../domain/step.ts'
import type { Condition, Write } from '../ports/table.ts'
import { leaseUnchanged } from '../store/conditions/lease.ts'
import { notThereYet, stillThere } from '../store/conditions/any-item.ts'
import { permitOf } from '../store/conditions/tenant.ts'
import { leaseKey, parkedKey, permitKey, timerKey, waiterItemKey } from '../store/keys.ts'
import { difference, eventItem, leaseItem } from '../store/lease-item.ts'

/**
 * The writes that every transition of a lease consists of: the lease itself, its event, its timer, and its permit when
 * it is destroyed. The condition defaults to "nobody moved it since it was read".
 */
export function move(
  opId: string,
  before: LivingLease,
  step: Step<Lease>,
  when?: Condition,
): readonly Write[] {
  const { lease: after, event } = step
  const item = leaseItem(after)
  const { set, remove } = difference(leaseItem(before), item)
  return [
    {
      kind: 'update',
      key: leaseKey(before.id),
      set: { ...set, opId },
      remove: [...new Set([...remove, ...UNVERSIONED.filter((attribute) => !(attribute in item))])],
      when: when ?? leaseUnchanged(before.version, before.status),
    },
    { kind: 'put', item: eventItem(before.id, event, before.createdAt), when: notThereYet },
    ...retime(before, isLiving(after) ? after.timer : undefined),
    ...(isLiving(after) ? [] : [returnPermit(before)]),
  ]
}

/** Written without a new version: they may have appeared after `before` was read, and end with its state. */
const UNVERSIONED = ['yielded', 'parked']

/** Moves the one timer of a living lease, or takes it away. */
export function retime(before: LivingLease, due: number | undefined): readonly Write[] {
  if (due === before.timer) return []
  const gone: Write = { kind: 'delete', key: timerKey(before.id, before.timer), when: stillThere }
  if (due === undefined) return [gone]
  return [gone, { kind: 'put', item: { ...timerKey(before.id, due), lease: before.id }, when: notThereYet }]
}

/** Takes the lease out of every queue that it stands in, or beside. */
export const leaveQueues = (lease: LivingLease): readonly Write[] =>
  Object.entries(lease.waiters).map(([pool, key]) => ({
    kind: 'delete',
    key: lease.status === 'pending' && lease.parked ? parkedKey(pool, key) : waiterItemKey(pool, key),
    when: stillThere,
  }))

export const enterQueues = (lease: LivingLease): readonly Write[] =>
  Object.entries(lease.waiters).map(([pool, key]) => ({
    kind: 'put',
    item: { ...waiterItemKey(pool, key), ...waiterOf(lease) },
    when: notThereYet,
  }))

/** What a place in a queue tells of its lease: enough to judge it without looking further. */
export const waiterOf = ({ id, blueprint, priority }: LivingLease) => ({ lease: id, blueprint, priority })

const returnPermit = (lease: LivingLease): Write => ({
  kind: 'delete',
  key: permitKey(lease.tenant, lease.permit),
  when: permitOf(lease.id),
})
