import type { Condition } from '../../ports/table.ts'
import { equal, exists } from './clauses.ts'

/** Said of a host or a pool only while it is registered: an update would make it anew. */
export const stillRegistered: Condition = { name: 'still_registered', all: [exists] }

/** What was said of a pool is taken back only for the host of which it was said. */
export const troubleOf = (host: string): Condition => ({
  name: 'trouble_of_host',
  all: [equal('troubled', host)],
})

/** A pool's entry is replaced only as it was read: by its count of slots, or by when it was looked at. */
export const poolCountedAs = (slots: number | undefined): Condition => ({
  name: 'pool_counted_as',
  all: [slots === undefined ? { is: 'missing', attribute: 'slots' } : equal('slots', slots)],
})
export const poolSeenAt = (at: number | undefined): Condition => ({
  name: 'pool_seen_at',
  all: [exists, at === undefined ? { is: 'missing', attribute: 'seenAt' } : equal('seenAt', at)],
})

/** A host's state moves on from the one that was read. */
export const hostUnchanged = (changes: number): Condition => ({
  name: 'host_unchanged',
  all: [equal('changes', changes)],
})

/** As above, and what operators declared of it is what was read, too. */
export const hostAsConfigured = (changes: number, version: number): Condition => ({
  name: 'host_as_configured',
  all: [equal('changes', changes), equal('version', version)],
})

/** A host's tallies move on from the ones that were read, in the state that was read: none is lost or counted twice. */
export const tallyAsRead = (changes: number, tallies: number | undefined): Condition => ({
  name: 'tally_as_read',
  all: [
    equal('changes', changes),
    tallies === undefined ? { is: 'missing', attribute: 'tallies' } : equal('tallies', tallies),
  ],
})

/** What a probe found is kept unless a later one has been. */
export const probedBefore = (now: number): Condition => ({
  name: 'probed_before',
  all: [
    exists,
    {
      is: 'any',
      of: [
        { is: 'missing', attribute: 'probedAt' },
        { is: 'at-most', attribute: 'probedAt', value: now },
      ],
    },
  ],
})

/** Configuration is replaced only as it was read. */
export const configUnchanged = (version: number | undefined): Condition => ({
  name: 'config_unchanged',
  all: [version === undefined ? { is: 'item-absent' } : equal('version', version)],
})
