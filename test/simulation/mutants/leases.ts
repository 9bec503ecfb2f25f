import type { Mutant } from './mutant.ts'

const ANY = "{ name: 'any', all: [] }"

/** What a lease is made of, moves by, and leaves behind. */
export const LEASES: readonly Mutant[] = [
  {
    name: 'a requeue with a new place',
    why: "A host's failure is not the lease's: it keeps its place in the queue (T6).",
    changes: [
      {
        file: 'lib/domain/transitions.ts',
        find: '    failures: [...lease.failures, failure],',
        replace: `    failures: [...lease.failures, failure],
    waiters: Object.fromEntries(
      Object.entries(lease.waiters).map(([pool]) => [pool, \`W#\${String(by.now).padStart(15, '0')}#\${lease.id}\`]),
    ),`,
      },
      {
        file: 'lib/app/transactions/requeue.ts',
        find: '...enterQueues(lease)',
        replace: '...enterQueues(requeue(lease, failure, by).lease)',
      },
    ],
  },
  {
    name: 'an expiry without its condition',
    why: 'A renewal that came in between wins as a whole.',
    changes: [
      {
        file: 'lib/app/transactions/end.ts',
        find: 'leaseExpired(lease.version, by.now) : undefined',
        replace: 'undefined : undefined',
      },
    ],
  },
  {
    name: 'a renewal beyond the hard maximum',
    why: 'Nobody holds a slot for ever by renewing.',
    changes: [
      {
        file: 'lib/app/leases/renew-lease.ts',
        find: 'Math.min(now + (ttl ?? lease.ttl), lease.maxExpiresAt)',
        replace: 'now + (ttl ?? lease.ttl)',
      },
    ],
  },
  {
    name: 'a task token that is removed unconditionally',
    why: 'A newer one may have been stored since; without it nobody awakens the execution.',
    changes: [
      {
        file: 'lib/app/lifecycle/awaken.ts',
        find: 'when: tokenUnused(token)',
        replace: `when: ${ANY}`,
      },
    ],
  },
  {
    name: 'a permit that is not returned',
    why: 'A quota is counted by its permits.',
    changes: [
      {
        file: 'lib/app/transactions/move.ts',
        find: '    ...(isLiving(after) ? [] : [returnPermit(before)]),\n',
        replace: '',
      },
    ],
  },
  {
    name: 'one permit too many',
    why: "A tenant's places are numbered from 0 to its quota less one.",
    changes: [
      {
        file: 'lib/app/leases/permits.ts',
        find: 'permitsBelow(leases, taken)',
        replace: 'permitsBelow(leases + 1, taken)',
      },
    ],
  },
  {
    name: 'a timer that is not written',
    why: 'Whoever forgets a lease, its timer does not.',
    changes: [
      {
        file: 'lib/app/transactions/move.ts',
        find: "  return [gone, { kind: 'put', item: { ...timerKey(before.id, due), lease: before.id }, when: notThereYet }]",
        replace: '  return [gone]',
      },
    ],
  },
  {
    name: 'an idempotency record that nobody judges',
    why: 'Of two requests with one key that come at once, one makes the lease.',
    changes: [
      { file: 'lib/app/store/key-record.ts', find: 'when: keyNotUsed(now)', replace: `when: ${ANY}` },
    ],
  },
  {
    name: 'a transition that keeps what another state wrote',
    why: 'What is stored without a version may appear after the lease was read; the next state must not inherit it.',
    changes: [
      {
        file: 'lib/app/transactions/move.ts',
        find: "const UNVERSIONED = ['yielded', 'parked']",
        replace: 'const UNVERSIONED: readonly string[] = []',
      },
    ],
  },
  {
    name: 'an activation that has no end',
    why: 'A lease that cannot be made ready gives its slot back at its deadline.',
    changes: [
      {
        file: 'lib/domain/route.ts',
        find: "return now >= lease.activationDeadline ? { route: 'OVERDUE' } : { route: 'ACTIVATE' }",
        replace: "return { route: 'ACTIVATE' }",
      },
    ],
  },
]
