import type { Item } from '../../../lib/app/ports/table.ts'
import { entityOf, numberIn, statusOf, textIn } from './entity.ts'

/** What `explain` ought to say of one pool, worked out from the raw items of the table at one moment. */
export interface Expected {
  readonly pool: string
  readonly rank: number
  readonly blocked: string
  readonly meanHold?: number
  readonly expectedAt?: number
  readonly hosts: readonly ExpectedHost[]
}

interface ExpectedHost {
  readonly host: string
  readonly state: string
  readonly reason?: string
  readonly blocked: string
  readonly slots: readonly {
    readonly number: number
    readonly state: string
    readonly holder?: ExpectedHolder
  }[]
}

interface ExpectedHolder {
  readonly status: string
  readonly since?: number
  readonly until?: number
  readonly atMostUntil?: number
  readonly lease?: { readonly id: string; readonly tenant: string; readonly owner: string }
}

export interface Moment {
  readonly items: readonly Item[]
  readonly at: number
  /** Whether who asks may know who holds a slot. */
  readonly mayKnow: (holder: Item) => boolean
}

/** One for each pool that a pending lease waits for; none for another one. */
export function explained(moment: Moment, leaseId: string): readonly Expected[] {
  const lease = of(moment, 'lease').find((item) => item['id'] === leaseId)
  if (statusOf(lease) !== 'pending') return []
  const waiters = lease?.['waiters'] as Readonly<Record<string, string>>
  const blueprint = of(moment, 'blueprint').find((item) => item['name'] === lease?.['blueprint'])
  const disabled = lease?.['parked'] === true || blueprint?.['disabled'] !== undefined || !blueprint
  return Object.entries(waiters).map(([pool, key]) => explainPool(moment, pool, key, disabled))
}

function explainPool(moment: Moment, pool: string, key: string, disabled: boolean): Expected {
  const ahead = moment.items.filter(({ PK, SK }) => PK === `Q#${pool}` && SK.startsWith('W#') && SK < key)
  const rank = ahead.length + 1
  const registered = moment.items.find(({ PK, SK }) => PK === 'REG#pool' && SK === pool)
  const meanHold = registered?.['meanHold'] === undefined ? undefined : numberIn(registered, 'meanHold')
  const hosts = of(moment, 'host')
    .filter((host) => host['pool'] === pool)
    .toSorted((one, other) => (textIn(one, 'name') < textIn(other, 'name') ? -1 : 1))
  const slots = of(moment, 'slot').filter((slot) => slot['pool'] === pool)
  const giving = slots.filter((slot) =>
    hosts.some((host) => host['name'] === slot['host'] && host['state'] === 'active'),
  )
  const expectedAt = disabled ? undefined : turnOf(rank, giving, meanHold, moment)
  return {
    pool,
    rank,
    blocked: disabled ? 'blueprint_disabled' : blockOf(rank, hosts, giving),
    ...(meanHold === undefined ? {} : { meanHold }),
    ...(expectedAt === undefined ? {} : { expectedAt }),
    hosts: hosts.map((host) => explainHost(moment, host, slots)),
  }
}

function blockOf(rank: number, hosts: readonly Item[], giving: readonly Item[]): string {
  if (hosts.length === 0) return 'no_hosts'
  if (hosts.every((host) => host['state'] !== 'active')) return 'no_host_gives_leases'
  if (rank <= inState(giving, 'free')) return 'being_served'
  if (rank > 1) return 'queue'
  return inState(giving, 'held') > 0 ? 'slots_held' : 'slots_not_clean'
}

const inState = (slots: readonly Item[], state: string): number =>
  slots.filter((slot) => slot['state'] === state).length

function explainHost(moment: Moment, host: Item, slots: readonly Item[]): ExpectedHost {
  const own = slots
    .filter((slot) => slot['host'] === host['name'])
    .toSorted((one, other) => numberIn(one, 'number') - numberIn(other, 'number'))
  const state = textIn(host, 'state')
  const idle = inState(own, 'held') > 0 ? 'slots_held' : 'slots_not_clean'
  return {
    host: textIn(host, 'name'),
    state,
    ...(host['reason'] === undefined ? {} : { reason: textIn(host, 'reason') }),
    blocked: state !== 'active' ? state : inState(own, 'free') > 0 ? 'free' : idle,
    slots: own.map((slot) => {
      const holder = holderOf(moment, slot)
      const told = holder && explainHolder(holder, moment.mayKnow(holder))
      return {
        number: numberIn(slot, 'number'),
        state: textIn(slot, 'state'),
        ...(told ? { holder: told } : {}),
      }
    }),
  }
}

const holderOf = (moment: Moment, slot: Item): Item | undefined =>
  slot['state'] === 'held' ? of(moment, 'lease').find((lease) => lease['id'] === slot['lease']) : undefined

function explainHolder(lease: Item, known: boolean): ExpectedHolder {
  const since = lease['acquiredAt'] ?? lease['activatedAt']
  const until = lease['expiresAt'] ?? lease['holdUntil']
  return {
    status: statusOf(lease),
    ...(since === undefined ? {} : { since: Number(since) }),
    ...(until === undefined ? {} : { until: Number(until) }),
    ...(lease['maxExpiresAt'] === undefined ? {} : { atMostUntil: numberIn(lease, 'maxExpiresAt') }),
    ...(known
      ? { lease: { id: textIn(lease, 'id'), tenant: textIn(lease, 'tenant'), owner: textIn(lease, 'owner') } }
      : {}),
  }
}

/** Plays the queue: each slot that comes back goes to the next one, who has it for a mean hold. */
function turnOf(rank: number, slots: readonly Item[], meanHold: number | undefined, moment: Moment) {
  let back = slots.flatMap((slot) => backOf(slot, meanHold, moment))
  for (let turn = 1; back.length > 0; turn++) {
    const next = Math.min(...back)
    if (turn === rank) return next
    back = back.toSpliced(back.indexOf(next), 1)
    if (meanHold !== undefined) back.push(next + meanHold)
  }
  return undefined
}

/** When the slot can be given to somebody; nothing where nobody knows. */
function backOf(slot: Item, meanHold: number | undefined, moment: Moment): readonly number[] {
  const { at } = moment
  if (slot['state'] === 'free') return [at]
  const holder = holderOf(moment, slot)
  switch (statusOf(holder)) {
    case 'released':
    case 'broken':
      return [at]
    case 'kept':
      return [Math.max(at, numberIn(holder, 'holdUntil'))]
    case 'acquired':
      return meanHold === undefined ? [] : [after(numberIn(holder, 'acquiredAt'), meanHold, at)]
    case 'active':
      return meanHold === undefined
        ? []
        : [
            Math.min(
              after(numberIn(holder, 'activatedAt'), meanHold, at),
              Math.max(at, numberIn(holder, 'maxExpiresAt')),
            ),
          ]
    default:
      return []
  }
}

/** A mean hold after it began; if that is over already, a mean hold from now on. */
const after = (since: number, meanHold: number, at: number): number =>
  since + meanHold > at ? since + meanHold : at + meanHold

const of = ({ items }: Moment, kind: string): readonly Item[] =>
  items.filter((item) => entityOf(item).kind === kind)
