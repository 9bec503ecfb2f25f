import type { Mutant } from './mutant.ts'

/** What operators declare, and hosts that fail. */
export const FLEET: readonly Mutant[] = [
  {
    name: 'a host that fails every lease goes on giving them',
    why: 'One that fails fast draws in the whole queue; three failures in a row are enough.',
    changes: [
      {
        file: 'lib/app/lifecycle/host-failure.ts',
        find: 'if (count >= FAILURES) {',
        replace: 'if (count < 0) {',
      },
    ],
  },
  {
    name: 'a probe that passes makes a host as good as new',
    why: 'What a probe tests may be well where leases fail: until one has worked, the pauses grow.',
    changes: [{ file: 'lib/app/fleet/probe-host.ts', find: ', onTrial: true', replace: '' }],
  },
  {
    name: 'a probe of an earlier quarantine cuts the next one short',
    why: 'Its execution may still be there, and ask again when its function dies.',
    changes: [
      {
        file: 'lib/app/fleet/probe-host.ts',
        find: 'if (tries === 0 || rest > 0) return',
        replace: 'if (tries === 0) return',
      },
    ],
  },
  {
    name: 'a lease is tried again where it failed',
    why: "A host's failure is not the lease's: there is another host.",
    changes: [
      {
        file: 'lib/domain/matching.ts',
        find: 'const fresh = preferred(tokens, (token) => !wish.avoid.includes(token.host))',
        replace: 'const fresh = tokens',
      },
    ],
  },
  {
    name: 'a drain that nobody ends',
    why: 'An operator who says until when need not come again.',
    changes: [
      {
        file: 'lib/app/repair/sweep/hosts.ts',
        find: 'now >= host.changed.until',
        replace: 'now < 0',
      },
    ],
  },
  {
    name: 'a drain that was prolonged while the sweep looked ends all the same',
    why: "The last word is the operator's.",
    changes: [
      {
        file: 'lib/app/repair/sweep/hosts.ts',
        find: "{ state: 'active', asRead: host.changes }",
        replace: "{ state: 'active' }",
      },
    ],
  },
  {
    name: 'a host that left is not taken apart',
    why: 'Its last lease ends when nobody of the configuration is there any more.',
    changes: [
      {
        file: 'lib/app/repair/sweep/hosts.ts',
        find: '    await dismantleHost(ports, host.name)\n',
        replace: '',
      },
    ],
  },
  {
    name: 'a host is taken apart under its leases',
    why: 'A slot that a lease holds stays until that has ended.',
    changes: [
      {
        file: 'lib/app/fleet/dismantle-host.ts',
        find: "slots.filter((slot) => slot.state !== 'held').slice(0, BATCH)",
        replace: 'slots.slice(0, BATCH)',
      },
    ],
  },
  {
    name: 'leases of a lost host are not told',
    why: 'A job must not wait for its expiry where its host has burnt down.',
    changes: [
      {
        file: 'lib/app/fleet/lose-host.ts',
        find: 'const held = host?.lost ? slots',
        replace: 'const held = host?.lost === undefined ? slots',
      },
    ],
  },
  {
    name: 'a host is made smaller under its slots',
    why: 'Nobody takes slots away from a host that is there: it goes, and comes smaller.',
    changes: [
      { file: 'lib/app/config/hosts.ts', find: 'if (has > spec.capacity) {', replace: 'if (has < 0) {' },
    ],
  },
  {
    name: 'a pool that is made without its entry in the registry',
    why: 'Sweep and audit find the queues by it.',
    changes: [{ file: 'lib/app/config/apply-config.ts', find: '      ...poolEntry(item),\n', replace: '' }],
  },
  {
    name: 'a blueprint that is made again forgets who waits for it',
    why: 'Their places were set aside when it was removed.',
    changes: [
      {
        file: 'lib/app/config/apply-config.ts',
        find: "if (kind === 'blueprint' && change !== 'update')",
        replace: "if (kind === 'blueprint' && change === 'remove')",
      },
      {
        file: 'lib/app/config/apply-config.ts',
        find: "change === 'create' ? { settling: mark } : {}",
        replace: "change === 'create' && mark === '' ? { settling: mark } : {}",
      },
    ],
  },
  {
    name: 'a quota that was lowered counts only what it would give',
    why: 'Leases that live on above it count, too.',
    changes: [
      {
        file: 'lib/app/leases/permits.ts',
        find: 'const below = permitsBelow(leases, taken)',
        replace: 'const below = Math.min(leases, permitsBelow(most, taken))',
      },
    ],
  },
]
