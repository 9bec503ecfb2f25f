import { expect, test } from 'vitest'
import type { CreateRule } from './rule.ts'
import { slotOfLease } from './entity.ts'
import { acquired, epochsAreOwned, epochsRise } from './slots/epochs.ts'
import { oneHolder, slotAndLeaseAgree } from './slots/holding.ts'
import { onlyOfferedSlotsAreGiven, slotsAreGivenBackUnclean, slotsFollowTheirStates } from './slots/states.ts'
import { tokensTellFreeSlots } from './slots/tokens.ts'
import type { Breach } from './support/breaches.ts'
import { changing, setting, went } from './support/breaches.ts'
import { firstWith, judge } from './support/recorded.ts'

interface Case {
  readonly name: string
  readonly rule: CreateRule
  readonly breach: Breach
  readonly tells: string
}

/** As if the second holder of a slot had got the epoch of the first. */
const epochOfThePredecessor: Breach = (recorded) => {
  const epochs = new Map<string, unknown>()
  return changing((change) => {
    if (!went(change, 'pending', 'acquired')) return undefined
    const slot = slotOfLease(change.after) ?? ''
    const epoch = epochs.get(slot)
    if (epoch !== undefined) return { after: setting(change.after, { epoch }) }
    epochs.set(slot, change.after?.['epoch'])
    return undefined
  })(recorded)
}

const CASES: readonly Case[] = [
  {
    name: 'an acquisition that does not raise the epoch',
    rule: epochsRise,
    breach: changing(({ of, before, after }) =>
      of.kind === 'slot' && acquired(before, after)
        ? { after: setting(after, { epoch: before?.['epoch'] }) }
        : undefined,
    ),
    tells: 'was acquired and kept epoch',
  },
  {
    name: 'a cleaning that does not raise the epoch',
    rule: epochsRise,
    breach: changing(({ of, before, after }) =>
      of.kind === 'slot' && before?.['state'] === 'dirty' && after?.['state'] === 'free'
        ? { after: setting(after, { epoch: before['epoch'] }) }
        : undefined,
    ),
    tells: 'was cleaned and kept epoch',
  },
  {
    name: 'an epoch that falls',
    rule: epochsRise,
    breach: changing(({ of, before, after }) =>
      of.kind === 'slot' && before && after ? { after: setting(after, { epoch: 0 }) } : undefined,
    ),
    tells: 'fell from epoch',
  },
  {
    name: 'one epoch for two leases',
    rule: epochsAreOwned,
    breach: epochOfThePredecessor,
    tells: 'and is of lease',
  },
  {
    name: 'a lease that has its slot still when the next one has it',
    rule: oneHolder,
    breach: changing((change) =>
      went(change, 'released', 'destroyed') ? { after: change.before } : undefined,
    ),
    tells: 'is of 01',
  },
  {
    name: 'a slot that is held by another lease than the one that has it',
    rule: slotAndLeaseAgree,
    breach: changing(({ of, after }) =>
      of.kind === 'slot' && after?.['state'] === 'held'
        ? { after: setting(after, { lease: 'somebody' }) }
        : undefined,
    ),
    tells: 'is held by lease somebody',
  },
  {
    name: 'a slot at another epoch than its lease',
    rule: slotAndLeaseAgree,
    breach: changing(({ of, after }) =>
      of.kind === 'slot' && after?.['state'] === 'held'
        ? { after: setting(after, { epoch: 999 }) }
        : undefined,
    ),
    tells: 'is at epoch 999',
  },
  {
    name: 'a slot that was freed under its lease',
    rule: slotAndLeaseAgree,
    breach: changing(({ of, after }) =>
      of.kind === 'slot' && after?.['state'] === 'held'
        ? { after: setting(after, { state: 'free' }) }
        : undefined,
    ),
    tells: 'which is free',
  },
  {
    name: 'a slot in a pool that its lease did not ask for',
    rule: slotAndLeaseAgree,
    breach: changing((change) =>
      went(change, 'pending', 'acquired')
        ? { after: setting(change.after, { pools: ['another'] }) }
        : undefined,
    ),
    tells: 'asked for another',
  },
  {
    name: 'a dirty slot that is given away',
    rule: slotsFollowTheirStates,
    breach: changing(({ of, before, after }) =>
      of.kind === 'slot' && acquired(before, after) && before?.['state'] === 'free'
        ? { before: setting(before, { state: 'dirty' }) }
        : undefined,
    ),
    tells: 'went from dirty to held',
  },
  {
    name: 'a slot that is given though its host gives no leases',
    rule: onlyOfferedSlotsAreGiven,
    breach: changing(({ of, before, after }) =>
      of.kind === 'slot' && acquired(before, after)
        ? { before: setting(before, { offered: false }) }
        : undefined,
    ),
    tells: 'is not offered',
  },
  {
    name: 'a slot that is free though its host gives no leases',
    rule: onlyOfferedSlotsAreGiven,
    breach: changing(({ of, after }) =>
      of.kind === 'slot' && after?.['state'] === 'free'
        ? { after: setting(after, { offered: false }) }
        : undefined,
    ),
    tells: 'is free and not offered',
  },
  {
    name: 'a slot that is free after a failed activation',
    rule: slotsAreGivenBackUnclean,
    breach: changing(
      ({ of, before, after }, { writes }) =>
        of.kind === 'slot' &&
        before?.['state'] === 'held' &&
        after?.['state'] === 'dirty' &&
        writes.length > 0
          ? { after: setting(after, { state: 'free' }) }
          : undefined,
      'all',
    ),
    tells: 'as free',
  },
  {
    name: 'a free slot without a token',
    rule: tokensTellFreeSlots,
    breach: changing(({ of, after }) => (of.kind === 'token' && after ? { after: undefined } : undefined)),
    tells: 'is free and has 0 tokens',
  },
  {
    name: 'a token that is left when its slot was taken',
    rule: tokensTellFreeSlots,
    breach: changing(({ of, before, after }) =>
      of.kind === 'token' && before && !after ? { after: before } : undefined,
    ),
    tells: 'is held and has 1 tokens',
  },
  {
    name: 'a token of an old epoch',
    rule: tokensTellFreeSlots,
    breach: changing(({ of, after }) =>
      of.kind === 'token' && after ? { after: setting(after, { epoch: 0 }) } : undefined,
    ),
    tells: 'says epoch 0',
  },
]

test.each(CASES)('caught: $name', async ({ rule, breach, tells }) => {
  const broken = await firstWith(breach)

  const found = judge(broken, [rule])

  expect(found.join('\n')).toContain(tells)
})
