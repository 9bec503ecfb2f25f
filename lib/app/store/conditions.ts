import type { Clause, Condition } from '../ports/table.ts'

/**
 * Every condition under which something is written, as sentences; each name says what it protects.
 * test/app/races has a race for each that decides between two.
 */

const exists: Clause = { is: 'item-exists' }
const equal = (attribute: string, value: string | number | boolean): Clause => ({
  is: 'equal',
  attribute,
  value,
})

/** What a creator chose has not been chosen by another: ids, permits, timers, events. */
export const notThereYet: Condition = { name: 'not_there_yet', all: [{ is: 'item-absent' }] }

/** What a transition takes away was really there: waiters, tokens, timers. */
export const stillThere: Condition = { name: 'still_there', all: [exists] }

/** An idempotency record is free, or its time is over (TTL may lag by days). */
export const keyNotUsed = (now: number): Condition => ({
  name: 'key_not_used',
  all: [{ is: 'any', of: [{ is: 'item-absent' }, { is: 'at-most', attribute: 'expires', value: now }] }],
})

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

/** Only a lease that is usable starts commands, each with a number of its own. */
export const nextCommandOf = (now: number, commands: number): Condition => ({
  name: 'next_command',
  all: [
    equal('status', 'active'),
    { is: 'above', attribute: 'expiresAt', value: now },
    equal('commands', commands),
  ],
})

/** A slot is given only while free, offered and of the epoch that the token was made for. */
export const slotFree = (epoch: number): Condition => ({
  name: 'slot_free',
  all: [equal('state', 'free'), equal('offered', true), equal('epoch', epoch)],
})

/** The slot is this lease's in this very holding. */
export const slotHeldBy = (lease: string, epoch: number): Condition => ({
  name: 'slot_held_by_lease',
  all: [equal('state', 'held'), equal('lease', lease), equal('epoch', epoch)],
})

/** As above, and its host still gives leases: a draining host's slot must not be handed on. */
export const slotHeldAndOffered = (lease: string, epoch: number): Condition => ({
  name: 'slot_held_and_offered',
  all: [equal('state', 'held'), equal('lease', lease), equal('epoch', epoch), equal('offered', true)],
})

/** As above with a host that gives no leases: its slot is withheld, not freed. */
export const slotHeldNotOffered = (lease: string, epoch: number): Condition => ({
  name: 'slot_held_not_offered',
  all: [equal('state', 'held'), equal('lease', lease), equal('epoch', epoch), equal('offered', false)],
})

const nonceIs = (nonce: string | null): Clause =>
  nonce === null ? { is: 'missing', attribute: 'nonce' } : equal('nonce', nonce)

/** A slot is cleaned only while in need of it, in the holding and under the name that the host confirmed. */
export const slotUnclean = (epoch: number, offered: boolean, nonce: string | null): Condition => ({
  name: 'slot_unclean',
  all: [
    { is: 'one-of', attribute: 'state', values: ['dirty', 'broken'] },
    equal('epoch', epoch),
    equal('offered', offered),
    nonceIs(nonce),
  ],
})

/** A new nonce is stored before the host learns it, and only over the one that was read. */
export const nonceUnchanged = (epoch: number, nonce: string | null): Condition => ({
  name: 'nonce_unchanged',
  all: [
    { is: 'one-of', attribute: 'state', values: ['dirty', 'broken'] },
    equal('epoch', epoch),
    nonceIs(nonce),
  ],
})

/** A task token is removed only as the one that was used: a newer one waits for its own use. */
export const tokenUnused = (token: string): Condition => ({
  name: 'token_unused',
  all: [equal('taskToken', token)],
})

/** A permit goes back only from the lease that took it. */
export const permitOf = (lease: string): Condition => ({
  name: 'permit_of_lease',
  all: [equal('lease', lease)],
})

/** A tenant's place in a pool's order moves on from the one that was read. */
export const tagUnchanged = (base: number | undefined): Condition => ({
  name: 'tag_unchanged',
  all: [base === undefined ? { is: 'item-absent' } : equal('base', base)],
})

/** The next place is one step after the last one only while that is later than now. */
export const tagNotPast = (base: number): Condition => ({
  name: 'tag_not_past',
  all: [{ is: 'above', attribute: 'base', value: base }],
})

/** Places are set aside only while the blueprint gives no leases: enabled or made again, it finds them all. */
export const givesNoLeases: Condition = {
  name: 'gives_no_leases',
  all: [{ is: 'any', of: [{ is: 'item-absent' }, { is: 'present', attribute: 'disabled' }] }],
}

/** Places come back only while the blueprint gives leases. */
export const givesLeasesAgain: Condition = {
  name: 'gives_leases_again',
  all: [exists, { is: 'missing', attribute: 'disabled' }],
}

/** The mark of a blueprint that was switched goes when its places were settled after that very switch. */
export const settlingAsRead = (settling: string): Condition => ({
  name: 'settling_as_read',
  all: [equal('settling', settling)],
})

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

/** The registry is written beside what it registers, in one transaction: that one's condition decides. */
export const asRegistered: Condition = { name: 'as_registered', all: [] }

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

/** A slot follows its host's last state, as it was read: nobody took, gave or cleaned it meanwhile. */
export const slotAsRead = (slot: {
  readonly state: string
  readonly epoch: number
  readonly offered: boolean
}): Condition => ({
  name: 'slot_as_read',
  all: [equal('state', slot.state), equal('epoch', slot.epoch), equal('offered', slot.offered)],
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

/** One follower at a time appends output: the one that knows where the last one stopped. */
export const outputAt = (stdout: number, stderr: number): Condition => ({
  name: 'output_at',
  all: [
    equal('stdoutBytes', stdout),
    equal('stderrBytes', stderr),
    { is: 'one-of', attribute: 'status', values: ['starting', 'running'] },
  ],
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

/** A token is made for a free slot only while that slot names it. */
export const slotNamesToken = (token: string): Condition => ({
  name: 'slot_names_token',
  all: [equal('state', 'free'), equal('token', token)],
})

/** A token is dropped only while its slot is not there, or free under another token, or not free. */
export const slotHasNot = (
  token: string,
  slot: { readonly state: string; readonly token?: string } | undefined,
): Condition => ({
  name: 'slot_has_not_token',
  all: !slot
    ? [{ is: 'item-absent' }]
    : slot.state === 'free' && slot.token !== undefined && slot.token !== token
      ? [equal('token', slot.token)]
      : [{ is: 'one-of', attribute: 'state', values: ['held', 'dirty', 'withheld', 'broken'] }],
})

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
