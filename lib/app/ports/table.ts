/**
 * The one table, as the use cases see it: strongly consistent reads, conditional writes, transactions.
 * Conditions are data with a name, so that every adapter judges the same sentence and a loser learns which one it was.
 */
export interface Table {
  get(key: Key): Promise<Item | undefined>
  /** In the order of the keys; at most 100. */
  getAll(keys: readonly Key[]): Promise<readonly (Item | undefined)[]>
  query(query: Query): Promise<readonly Item[]>
  /** One conditional write. Throttles and conflicts are retried inside; what comes back is a decision. */
  write(write: Write): Promise<Outcome>
  /**
   * All or nothing, at most 100 writes on different items. `opId` is the mark that the writer leaves on what it
   * changes: where a condition fails on an item that already carries it, this very transaction has committed
   * before (its answer was lost), and the outcome is `committed`.
   */
  transact(opId: string, writes: readonly Write[]): Promise<Outcome>
}

export type Value =
  | string
  | number
  | boolean
  | null
  | Uint8Array
  | readonly Value[]
  | { readonly [name: string]: Value }

export interface Key {
  readonly PK: string
  readonly SK: string
}

export type Item = Key & { readonly [attribute: string]: Value }

/** Items of one partition in the order of SK, both bounds included; at most `limit`. */
export interface Query {
  readonly PK: string
  readonly from?: string
  readonly to?: string
  readonly limit: number
  readonly backwards?: boolean
}

export type Write =
  | { readonly kind: 'put'; readonly item: Item; readonly when: Condition }
  | {
      readonly kind: 'update'
      readonly key: Key
      readonly set: Readonly<Record<string, Value>>
      readonly remove?: readonly string[]
      /** Added to numbers that are there. Twice where an answer was lost: only for what may leave gaps. */
      readonly add?: Readonly<Record<string, number>>
      readonly when: Condition
    }
  | { readonly kind: 'delete'; readonly key: Key; readonly when: Condition }
  | { readonly kind: 'check'; readonly key: Key; readonly when: Condition }

/** Holds when every clause holds. The name says what it protects. */
export interface Condition {
  readonly name: string
  readonly all: readonly Clause[]
}

/** A comparison with an attribute that is not there is false, whatever the comparison. */
export type Clause =
  | { readonly is: 'item-exists' }
  | { readonly is: 'item-absent' }
  | { readonly is: 'present'; readonly attribute: string }
  | { readonly is: 'missing'; readonly attribute: string }
  | { readonly is: 'equal'; readonly attribute: string; readonly value: string | number | boolean }
  | { readonly is: 'one-of'; readonly attribute: string; readonly values: readonly (string | number)[] }
  | {
      readonly is: 'below' | 'at-most' | 'above' | 'at-least'
      readonly attribute: string
      readonly value: number
    }
  | { readonly is: 'any'; readonly of: readonly Clause[] }

export type Outcome =
  /** With the item as it stands then, where a single update added to it. */
  | { readonly committed: true; readonly item?: Item }
  | { readonly committed: false; readonly lost: readonly Lost[] }

/** One condition that did not hold, with the item as it stood (absent where there was none). */
export interface Lost {
  /** Place in the list of writes. */
  readonly index: number
  readonly condition: string
  readonly item?: Item
}
