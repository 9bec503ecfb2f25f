import type { Mutant } from './mutant.ts'

/** What brings back whatever died. */
export const REPAIR: readonly Mutant[] = [
  {
    name: 'no sweep of timers',
    why: 'After a crash the timer of a lease is all that is left to go on from.',
    changes: [
      {
        file: 'lib/app/repair/sweep/timers.ts',
        find: 'switch (await repair(ports, id)) {',
        replace: "switch ('nothing' as Awaited<ReturnType<typeof repair>>) {",
      },
    ],
  },
  {
    name: 'no sweep of pools',
    why: 'A handler that died between its token and its look at the queue leaves a waiter beside a free slot.',
    changes: [
      {
        file: 'lib/app/repair/sweep/pools.ts',
        find: "async () => matchPool(ports, pool.SK, 'sweep')",
        replace: 'async () => 0',
      },
    ],
  },
  {
    name: 'a sweep that cleans nothing',
    why: 'A slot whose cleaner died, or was never started, is lost without it.',
    changes: [
      {
        file: 'lib/app/repair/sweep/hosts.ts',
        find: "if (slot.state !== 'dirty' && slot.state !== 'broken') continue",
        replace: 'if (slot.epoch >= 0) continue',
      },
    ],
  },
  {
    name: 'an execution that was stopped is not started again',
    why: 'Closed executions keep their names: the next one needs another.',
    changes: [
      {
        file: 'lib/adapters/stepfunctions/executions.ts',
        find: 'if (error instanceof ExecutionAlreadyExists) return false',
        replace: 'if (error instanceof ExecutionAlreadyExists) return true',
      },
    ],
  },
  {
    name: 'a cleaning that nobody gives up',
    why: 'After ten minutes without an answer the lease ends and its slot is dirty.',
    changes: [
      {
        file: 'lib/app/repair/repair.ts',
        find: 'if (now >= lease.endedAt + TIMERS.cleaning) {',
        replace: 'if (now < lease.endedAt) {',
      },
    ],
  },
]
