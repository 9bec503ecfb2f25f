import { isDeepStrictEqual } from 'node:util'
import type { Item } from '../../../../lib/app/ports/table.ts'
import { numberIn, statusOf } from '../entity.ts'
import { changesOf } from '../rule.ts'
import type { CreateRule } from '../rule.ts'

/** Never changes between a lease's birth and its end; the place in the queue is one of them. */
const TERMS: readonly string[] = [
  'id',
  'tenant',
  'owner',
  'type',
  'blueprint',
  'pools',
  'waiters',
  'priority',
  'checkout',
  'note',
  'createdAt',
  'waitDeadline',
  'ttlMs',
  'maxHold',
  'activationTime',
  'permit',
  'tokenSalt',
  'tokenHash',
]
const NEEDED = TERMS.filter((name) => name !== 'checkout' && name !== 'note')

/** Where a field has to be, and where else it may be. */
const FIELDS: Readonly<
  Record<string, { readonly must: readonly string[]; readonly may?: readonly string[] }>
> = {
  slot: { must: ['acquired', 'active', 'kept', 'released', 'broken'], may: ['destroyed'] },
  epoch: { must: ['acquired', 'active', 'kept', 'released', 'broken'], may: ['destroyed'] },
  acquiredAt: { must: ['acquired'] },
  activationDeadline: { must: ['acquired'] },
  yielded: { must: [], may: ['acquired'] },
  parked: { must: [], may: ['pending'] },
  activatedAt: { must: ['active', 'kept'], may: ['released', 'broken', 'destroyed'] },
  receipt: { must: [], may: ['active', 'kept', 'released', 'broken', 'destroyed'] },
  expiresAt: { must: ['active'] },
  maxExpiresAt: { must: ['active'] },
  holdUntil: { must: ['kept'] },
  reason: { must: ['released', 'broken', 'destroyed'] },
  detail: { must: [], may: ['released', 'broken', 'destroyed'] },
  endedAt: { must: ['released', 'broken', 'destroyed'] },
  destroyedAt: { must: ['destroyed'] },
  timer: { must: ['pending', 'acquired', 'active', 'kept', 'released', 'broken'] },
}

export const fieldsAreTrue: CreateRule = () => ({
  says: 'a field of a lease exists only in the states in which it is true',
  *committed(commit) {
    for (const { of, after } of changesOf(commit, 'lease')) {
      if (!after) continue
      const status = statusOf(after)
      for (const wrong of misplaced(after, status)) yield `lease ${of.lease} is ${status} and has ${wrong}`
    }
  },
})

function* misplaced(lease: Item, status: string): Generator<string> {
  for (const [name, { must, may = [] }] of Object.entries(FIELDS)) {
    const there = lease[name] !== undefined
    if (there && !must.includes(status) && !may.includes(status)) yield `a field ${name}`
    if (!there && must.includes(status)) yield `no field ${name}`
  }
  for (const name of NEEDED) if (lease[name] === undefined) yield `no field ${name}`
  if (status === 'destroyed' && (lease['slot'] === undefined) !== (lease['epoch'] === undefined)) {
    yield 'one of slot and epoch without the other'
  }
  if (status === 'active' && lease['checkout'] !== undefined && lease['receipt'] === undefined) {
    yield 'a checkout without its receipt'
  }
}

export const termsAreKept: CreateRule = () => ({
  says: 'what a lease was promised at its making stays as it is, its place in the queue included',
  *committed(commit) {
    for (const { of, before, after } of changesOf(commit, 'lease')) {
      if (!before || !after) continue
      for (const name of TERMS) {
        if (before[name] !== after[name] && !isDeepStrictEqual(before[name], after[name])) {
          yield `lease ${of.lease} changed its ${name}`
        }
      }
    }
  },
})

export const expiryOnlyMovesOn: CreateRule = () => ({
  says: 'a renewal prolongs a lease, never past its hard maximum, and never brings an ended one back',
  *committed(commit) {
    for (const { of, before, after } of changesOf(commit, 'lease')) {
      if (statusOf(after) !== 'active') continue
      const [until, most] = [numberIn(after, 'expiresAt'), numberIn(after, 'maxExpiresAt')]
      if (until > most) yield `lease ${of.lease} lasts ${until - most} ms longer than its hard maximum`
      if (most !== numberIn(after, 'activatedAt') + numberIn(after, 'maxHold')) {
        yield `the hard maximum of lease ${of.lease} is not the one that was granted`
      }
      if (statusOf(before) !== 'active') continue
      if (until < numberIn(before, 'expiresAt')) yield `lease ${of.lease} was shortened`
    }
  },
})
