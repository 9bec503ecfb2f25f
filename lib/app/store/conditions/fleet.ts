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

/** One failure more than was read: two that fail at once are counted once at worst, never lost for both. */
export const failuresAre = (count: number): Condition => ({
  name: 'failures_unchanged',
  all: [equal('failuresInARow', count)],
})

/** Configuration is replaced only as it was read. */
export const configUnchanged = (version: number | undefined): Condition => ({
  name: 'config_unchanged',
  all: [version === undefined ? { is: 'item-absent' } : equal('version', version)],
})
