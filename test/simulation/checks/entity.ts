import type { Item, Key } from '../../../lib/app/ports/table.ts'

/** What an item is, told from its key as the design lays the table out, not by the code that writes it. */
export type Entity =
  | { readonly kind: 'lease'; readonly lease: string }
  | { readonly kind: 'event'; readonly lease: string; readonly version: number }
  | { readonly kind: 'waiter'; readonly pool: string; readonly key: string; readonly parked: boolean }
  | { readonly kind: 'token'; readonly pool: string; readonly key: string }
  | { readonly kind: 'slot'; readonly slot: string }
  | { readonly kind: 'host'; readonly host: string }
  | { readonly kind: 'timer'; readonly due: number; readonly lease: string }
  | { readonly kind: 'permit'; readonly tenant: string; readonly number: number }
  | { readonly kind: 'tag'; readonly tag: string }
  | { readonly kind: 'tenant'; readonly tenant: string }
  | { readonly kind: 'blueprint'; readonly blueprint: string }
  | { readonly kind: 'pool'; readonly pool: string }
  | { readonly kind: 'idempotency'; readonly key: string }
  | { readonly kind: 'other' }

const OTHER: Entity = { kind: 'other' }

export function entityOf({ PK, SK }: Key): Entity {
  const at = PK.indexOf('#')
  const name = PK.slice(at + 1)
  switch (PK.slice(0, at)) {
    case 'L':
      if (SK === 'META') return { kind: 'lease', lease: name }
      return SK.startsWith('EV#') ? { kind: 'event', lease: name, version: Number(SK.slice(3)) } : OTHER
    case 'Q':
      return { kind: 'waiter', pool: name, key: SK, parked: SK.startsWith('X#') }
    case 'F':
      return { kind: 'token', pool: name, key: SK }
    case 'H':
      if (SK === 'META') return { kind: 'host', host: name }
      return SK.startsWith('S#') ? { kind: 'slot', slot: slotName(name, Number(SK.slice(2))) } : OTHER
    case 'T':
      return timerOf(SK)
    case 'P':
      return { kind: 'permit', tenant: name, number: Number(SK) }
    case 'TEN':
      if (SK === 'META') return { kind: 'tenant', tenant: name }
      return SK.startsWith('TAG#') ? { kind: 'tag', tag: `${name} ${SK.slice(4)}` } : OTHER
    case 'B':
      return SK === 'META' ? { kind: 'blueprint', blueprint: name } : OTHER
    case 'REG':
      return name === 'pool' ? { kind: 'pool', pool: SK } : OTHER
    case 'I':
      return { kind: 'idempotency', key: name }
    default:
      return OTHER
  }
}

function timerOf(SK: string): Entity {
  const at = SK.indexOf('#')
  return { kind: 'timer', due: Number(SK.slice(0, at)), lease: SK.slice(at + 1) }
}

export const slotName = (host: string, number: number): string => `${host}/${number}`

/** The slot that a lease has, or had. */
export function slotOfLease(lease: Item | undefined): string | undefined {
  const slot = lease?.['slot']
  if (typeof slot !== 'object' || slot === null || !('host' in slot)) return undefined
  const { host, number } = slot as { readonly host: string; readonly number: number }
  return slotName(host, number)
}

/** The name of a slot or of a token's slot, as the item itself tells it. */
export const slotIn = (item: Item | undefined): string =>
  slotName(textIn(item, 'host'), numberIn(item, 'number'))

export const textIn = (item: Item | undefined, attribute: string): string => {
  const value = item?.[attribute]
  return typeof value === 'string' ? value : ''
}

export const numberIn = (item: Item | undefined, attribute: string): number => {
  const value = item?.[attribute]
  return typeof value === 'number' ? value : Number.NaN
}

export const statusOf = (lease: Item | undefined): string => textIn(lease, 'status')

const HOLDING: ReadonlySet<string> = new Set(['acquired', 'active', 'kept', 'released', 'broken'])

/** Has a slot that nobody else may have. */
export const isHolding = (lease: Item | undefined): boolean => HOLDING.has(statusOf(lease))

export const isLiving = (lease: Item | undefined): boolean =>
  lease !== undefined && statusOf(lease) !== 'destroyed'
