import type { Mutant } from './mutant.ts'

/** No condition at all, written where there was one. */
const ANY = "{ name: 'any', all: [] }"

/** Who gets a slot, when, and in which order. */
export const ALLOCATION: readonly Mutant[] = [
  {
    name: 'no second look after a slot became free',
    why: "A waiter that came between the look at the queue and the free token is found only by a look after it (T3').",
    changes: [
      {
        file: 'lib/app/lifecycle/finalize.ts',
        find: '  if (freed.committed) await matchToken(ports, slot.pool, token, ACTOR)\n',
        replace: '',
      },
    ],
  },
  {
    name: 'a creator stops because others are ahead',
    why: 'Who is ahead may be served elsewhere or give up; the token that was meant for it then waits for nobody.',
    changes: [
      {
        file: 'lib/domain/matching.ts',
        find: '  const turn = position >= 0 && position < tokens ? position : 0\n',
        replace: "  if (position >= tokens) return { act: 'stop' }\n  const turn = Math.max(0, position)\n",
      },
    ],
  },
  {
    name: 'no awakening',
    why: 'An execution that waits hears of its slot, or of its end, by its task token.',
    changes: [
      {
        file: 'lib/app/lifecycle/awaken.ts',
        find: 'await ports.executions.awaken(token)',
        replace: 'void token',
      },
    ],
  },
  {
    name: 'a cleaned slot is offered to nobody',
    why: 'Whoever writes a token looks at the queue after it, cleaning as well as freeing.',
    changes: [
      {
        file: 'lib/app/lifecycle/clean.ts',
        find: "  if (slot.offered) await matchPool(ports, slot.pool, 'cleaning')\n",
        replace: '',
      },
    ],
  },
  {
    name: 'a taker believes the token that it has read',
    why: 'T2 asks whether slot and token are still there; each alone would do, as they come and go together.',
    changes: [
      {
        file: 'lib/app/transactions/acquire.ts',
        find: 'when: slotFree(token.epoch)',
        replace: `when: ${ANY}`,
      },
      { file: 'lib/app/transactions/acquire.ts', find: 'when: stillThere', replace: `when: ${ANY}` },
    ],
  },
  {
    name: 'a hand-over that ignores whether its host gives leases',
    why: 'A host may be drained between the look at the slot and the hand-over (T3, offered).',
    changes: [
      {
        file: 'lib/app/transactions/finish.ts',
        find: '      [],\n      slotHeldAndOffered(from.id, slot.epoch),',
        replace: '      [],\n      slotHeldBy(from.id, slot.epoch),',
      },
    ],
  },
  {
    name: 'a hand-over in the same epoch',
    why: 'The host tells the next holder from the last one by the epoch.',
    changes: [
      {
        file: 'lib/app/transactions/finish.ts',
        find: 'const epoch = slot.epoch + 1',
        replace: 'const epoch = slot.epoch',
      },
    ],
  },
  {
    name: 'a hand-over that ignores the order of the queue',
    why: "The slot is the head's.",
    changes: [
      {
        file: 'lib/app/lifecycle/finalize.ts',
        find: 'const [head] = contested ? [] : await readQueue(ports, slot.pool, 1)',
        replace: 'const head = contested ? undefined : (await readQueue(ports, slot.pool)).at(-1)',
      },
    ],
  },
  {
    name: 'who is not the head counts tokens that are older than the queue',
    why: "Tokens may have gone with those who left the queue between the two looks; the last one is then the head's.",
    changes: [
      {
        file: 'lib/app/allocation/match.ts',
        find: 'position > 0 && due ? await readFirstTokens(ports, pool, position + 1) : tokens',
        replace: 'tokens',
      },
    ],
  },
  {
    name: 'a lease that got a slot stays in its other queues',
    why: 'The first pool wins and the other places vanish in the same transaction.',
    changes: [
      {
        file: 'lib/app/transactions/move.ts',
        find: "  Object.entries(lease.waiters).map(([pool, key]) => ({\n    kind: 'delete',",
        replace: "  Object.entries(lease.waiters).slice(0, 1).map(([pool, key]) => ({\n    kind: 'delete',",
      },
    ],
  },
  {
    name: 'a disabled blueprint gives leases',
    why: 'Who stands at the head is asked for its blueprint before it gets a slot.',
    changes: [
      {
        file: 'lib/app/allocation/candidate.ts',
        find: 'if (!blueprint || disabledOf(blueprint)) {',
        replace: 'if (!blueprint) {',
      },
    ],
  },
  {
    name: 'a tenant that floods a pool stands where it came',
    why: "Each further place of a tenant is a quantum later, so that another one's first lease stands before it.",
    changes: [
      {
        file: 'lib/domain/waiter.ts',
        find: 'Math.max(1, Math.round(quantum))',
        replace: '(quantum, 1)',
      },
    ],
  },
  {
    name: "a tenant's first lease stands behind all that others had asked for before",
    why: 'Where a queue is far behind the clock, who comes first begins beside its head, not at its end.',
    changes: [
      {
        file: 'lib/domain/waiter.ts',
        find: 'Math.min(head ?? now, now)',
        replace: '(head, now)',
      },
    ],
  },
]
