import type { Condition } from '../../ports/table.ts'
import { equal } from './clauses.ts'

/** Nobody moved the lease since it was read. */
export const leaseUnchanged = (version: number, status: string): Condition => ({
  name: 'lease_unchanged',
  all: [equal('ver', version), equal('status', status)],
})

/** Expiry is a transition too: a renewal that races with it wins or loses as a whole. */
export const leaseExpired = (version: number, now: number): Condition => ({
  name: 'lease_expired',
  all: [
    equal('ver', version),
    equal('status', 'active'),
    { is: 'at-most', attribute: 'expiresAt', value: now },
  ],
})

/** Only a lease that is active and not over is prolonged, and never past another renewal's end. */
export const renewable = (now: number, until: number): Condition => ({
  name: 'renewable',
  all: [
    equal('status', 'active'),
    { is: 'above', attribute: 'expiresAt', value: now },
    { is: 'at-most', attribute: 'expiresAt', value: until },
  ],
})

/** What is prolonged past its maximum is the lease that was read, not yet over, and no renewal was longer. */
export const extendable = (version: number, now: number, until: number): Condition => ({
  name: 'extendable',
  all: [equal('ver', version), ...renewable(now, until).all],
})

/** A task token is removed only as the one that was used: a newer one waits for its own use. */
export const tokenUnused = (token: string): Condition => ({
  name: 'token_unused',
  all: [equal('taskToken', token)],
})

/** What an ended lease had is taken from it only as one that is over, or of which nothing is known any more. */
export const notLiving: Condition = {
  name: 'not_living',
  all: [{ is: 'any', of: [{ is: 'item-absent' }, equal('status', 'destroyed')] }],
}

/** The audit mends what two items disagree on only while one of them is as it was read. */
export const leaseAsRead = (
  lease: { readonly version: number; readonly status: string } | undefined,
): Condition =>
  lease ? leaseUnchanged(lease.version, lease.status) : { name: 'lease_absent', all: [{ is: 'item-absent' }] }

/** The timer that a lease points to is the one that is missing. */
export const timerIs = (version: number, timer: number): Condition => ({
  name: 'timer_is',
  all: [equal('ver', version), equal('timer', timer)],
})

/** A missing place is made again only while the lease waits just there: in its queues, or beside them. */
export const standsAsRead = (version: number, parked: boolean): Condition => ({
  name: 'stands_as_read',
  all: [
    equal('ver', version),
    equal('status', 'pending'),
    { is: parked ? 'present' : 'missing', attribute: 'parked' },
  ],
})

/** A waiter is dropped only together with the proof that its lease does not wait. */
export const notWaiting: Condition = {
  name: 'not_waiting',
  all: [
    {
      is: 'any',
      of: [
        { is: 'item-absent' },
        {
          is: 'one-of',
          attribute: 'status',
          values: ['acquired', 'active', 'kept', 'released', 'broken', 'destroyed'],
        },
      ],
    },
  ],
}
