import type { Clause, Condition } from '../../ports/table.ts'
import { equal } from './clauses.ts'

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

/** A slot follows its host's last state, as it was read: nobody took, gave or cleaned it meanwhile. */
export const slotAsRead = (slot: {
  readonly state: string
  readonly epoch: number
  readonly offered: boolean
}): Condition => ({
  name: 'slot_as_read',
  all: [equal('state', slot.state), equal('epoch', slot.epoch), equal('offered', slot.offered)],
})

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
