import type { Mutant } from './mutant.ts'

/** What stands between the end of one holding and the beginning of the next. */
export const HOSTS: readonly Mutant[] = [
  {
    name: 'a slot whose activation failed is free at once',
    why: 'Nobody knows what the failed activation left; the slot is cleaned first (T6).',
    changes: [
      {
        file: 'lib/app/transactions/requeue.ts',
        find: "set: { state: 'dirty' },",
        replace: "set: { state: 'free', token: `0#${lease.slot.host}#${lease.slot.number}` },",
      },
      {
        file: 'lib/app/transactions/requeue.ts',
        find: '    ...enterQueues(lease),\n',
        replace: `    ...enterQueues(lease),
    {
      kind: 'put',
      item: {
        PK: \`F#\${lease.slot.pool}\`,
        SK: \`0#\${lease.slot.host}#\${lease.slot.number}\`,
        ...lease.slot,
        epoch: lease.epoch,
        warm: [],
      },
      when: { name: 'any', all: [] },
    },
`,
      },
    ],
  },
  {
    name: 'close is not sent',
    why: 'Release kills what the lease started, and the host confirms that it is gone, before the slot is given away.',
    changes: [
      {
        file: 'lib/app/lifecycle/destroy.ts',
        find: 'const answer = await ports.hosts.close(host, ref)',
        replace: "const answer = await Promise.resolve({ kind: 'done', value: ref })",
      },
    ],
  },
  {
    name: 'a hand-over before the cleaning was confirmed',
    why: 'A slot whose cleaning nobody confirmed is dirty, whatever was tried.',
    changes: [
      {
        file: 'lib/app/lifecycle/destroy.ts',
        find: "  }\n  return { confirmed: false, route: 'FINALIZE' }\n}",
        replace: "  }\n  return { confirmed: true, route: 'FINALIZE' }\n}",
      },
    ],
  },
  {
    name: 'a destroy that does not read the lease again',
    why: 'A late call for a lease that is gone must not close its slot for who has it now: lease and slot are both asked.',
    changes: [
      {
        file: 'lib/app/lifecycle/destroy.ts',
        find: "if (lease?.status !== 'released' && lease?.status !== 'broken') return",
        replace: "if (!lease || !('slot' in lease) || !lease.slot) return",
      },
      {
        file: 'lib/app/lifecycle/destroy.ts',
        find: "slot?.state === 'held' && slot.lease === lease.id && slot.epoch === lease.epoch",
        replace: "slot?.state === 'held'",
      },
    ],
  },
  {
    name: 'a nonce that the host learns before the table',
    why: 'A host that was started anew under a name that nobody wrote down is unknown for ever.',
    changes: [
      {
        file: 'lib/app/lifecycle/clean.ts',
        find: "  if (!(await renameSlot(ports, slot, nonce)).committed) return 'moved'\n",
        replace: '',
      },
    ],
  },
  {
    name: 'free slots of a drained host stay on offer',
    why: "Draining takes the host's tokens away, or its slots are given on (T7).",
    changes: [
      {
        file: 'lib/app/fleet/settle-host.ts',
        find: 'slots.filter((slot) => !follows(slot, host))',
        replace: "slots.filter((slot) => slot.state !== 'free' && !follows(slot, host))",
      },
    ],
  },
]
