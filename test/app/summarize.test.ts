import { expect, test } from 'vitest'
import { summarize } from '../../lib/app/leases/summarize.ts'
import type { PoolExplanation } from '../../lib/domain/explanation.ts'
import { pending } from '../support/lease-builder.ts'

const seen = (changes: Partial<PoolExplanation>): PoolExplanation => ({
  pool: 'linux',
  rank: 1,
  blocked: 'slots_held',
  hosts: [],
  ...changes,
})

test.each<[string, readonly PoolExplanation[], string]>([
  ['nothing is known', [], 'It waits for a slot.'],
  [
    'one is ahead',
    [seen({ rank: 2, blocked: 'queue' })],
    'None of the 0 slots of pool linux is free; 1 lease is ahead of it; nobody can say yet when its turn comes.',
  ],
  ['no host is there', [seen({ blocked: 'no_hosts' })], 'Pool linux has no hosts; it is next.'],
  [
    'no slot is clean',
    [seen({ blocked: 'slots_not_clean' })],
    'None of the 0 slots of pool linux is clean yet; it is next.',
  ],
  [
    'a slot is on its way',
    [seen({ blocked: 'being_served' })],
    'A slot of pool linux is free and is being given to it.',
  ],
  [
    'its turn should have come',
    [seen({ expectedAt: 0 })],
    'None of the 0 slots of pool linux is free; it is next; its turn may be expected in about 0 s.',
  ],
  [
    'another pool is expected earlier',
    [
      seen({ pool: 'late', expectedAt: 9_000 }),
      seen({ pool: 'soon', expectedAt: 3_000 }),
      seen({ pool: 'never' }),
    ],
    'None of the 0 slots of pool soon is free; it is next; its turn may be expected in about 2 s.',
  ],
  [
    'nothing is expected, and it stands better in another pool',
    [seen({ rank: 5, blocked: 'queue' }), seen({ pool: 'better', rank: 1 })],
    'None of the 0 slots of pool better is free; it is next; nobody can say yet when its turn comes.',
  ],
])('why a lease waits is one sentence: %s', (_, pools, sentence) => {
  expect(summarize(pending(), pools, 1_000)).toBe(sentence)
})
