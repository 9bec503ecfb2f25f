import { isDeepStrictEqual } from 'node:util'

import type { Item, Key, Outcome, Query, Table, Value, Write } from '../../app/ports/table.ts'
import {
  assertKey,
  assertKeys,
  assertQuery,
  assertTransaction,
  assertWrite,
  keyOf,
  limits,
} from '../dynamodb/limits.ts'
import { decide, markOf } from '../dynamodb/outcome.ts'
import { copy, copyItem, handOut } from './copy.ts'
import { holds } from './judge.ts'
import { sizeOf } from './size.ts'
import { createStore } from './store.ts'

/** One call of the port, as a simulation sees it. */
export type TableCall =
  | { readonly name: 'get'; readonly key: Key }
  | { readonly name: 'getAll'; readonly keys: readonly Key[] }
  | { readonly name: 'query'; readonly query: Query }
  | { readonly name: 'write'; readonly write: Write }
  | { readonly name: 'transact'; readonly opId: string; readonly writes: readonly Write[] }

export interface MemoryTableOptions {
  /** What the table holds from the start. */
  readonly items?: Iterable<Item>
  /** Runs before the call takes effect: waits to order calls, throws to fail one that did nothing. */
  readonly before?: (call: TableCall) => void | Promise<void>
  /** Runs after the call took effect: throws to lose the answer of one that did. */
  readonly after?: (call: TableCall) => void | Promise<void>
  /** Told of each commit at the instant at which it takes effect; never of one that only came again. */
  readonly committed?: (commit: Commit) => void
}

export interface Commit {
  readonly writes: readonly Write[]
  /** The items under the writes' keys before the commit and after it. */
  readonly before: readonly (Item | undefined)[]
  readonly after: readonly (Item | undefined)[]
}

export interface MemoryTable extends Table {
  /** Every item, partitions in the order of their first write: for invariants, never for decisions. */
  items(): readonly Item[]
}

/**
 * The in-memory twin of the table in DynamoDB: the same decisions, order, limits and repeated opIds, without a clock.
 * A call takes effect at one instant, between its hooks.
 * @throws TypeError as the DynamoDB table does, and whatever a hook throws
 */
export function createMemoryTable(options: MemoryTableOptions = {}): MemoryTable {
  const { items = [], before, after, committed } = options
  const store = createStore()
  const done = new Map<string, readonly Write[]>()
  for (const item of items) store.write(item, copyItem(item))

  async function run<Answer>(call: TableCall, effect: () => Answer): Promise<Answer> {
    await before?.(call)
    const answer = effect()
    await after?.(call)
    return answer
  }

  function read(key: Key): Item | undefined {
    const item = store.read(key)
    return item && handOut(item)
  }

  /** Judges all conditions, then applies all writes or none. */
  function commit(opId: string | undefined, writes: readonly Write[]): Outcome {
    assertSizes(writes.map((write) => (write.kind === 'put' ? write.item : undefined)))
    const lost = writes.flatMap((write, index) => {
      const item = read(keyOf(write))
      if (holds(write.when, item)) return []
      return [{ index, condition: write.when.name, ...(item && { item }) }]
    })
    if (lost.length > 0) return decide(opId, lost)
    const found = writes.map((write) => store.read(keyOf(write)))
    const left = writes.map((write, index) => resultOf(write, found[index]))
    assertSizes(left)
    for (const [index, write] of writes.entries()) store.write(keyOf(write), left[index])
    committed?.({ writes, before: found, after: left })
    return outcomeOf(writes, left)
  }

  function commitOnce(opId: string, writes: readonly Write[]): Outcome {
    const earlier = done.get(opId)
    if (earlier && !isDeepStrictEqual(earlier, writes))
      throw new TypeError('Table: opId of another transaction')
    if (earlier) return { committed: true }
    const outcome = commit(opId, writes)
    if (outcome.committed) done.set(opId, writes)
    return outcome
  }

  return {
    async get(given) {
      assertKey(given)
      const key = copyCall(given)
      return run({ name: 'get', key }, () => read(key))
    },
    async getAll(given) {
      assertKeys(given)
      const keys = copyCall(given)
      return run({ name: 'getAll', keys }, () => keys.map(read))
    },
    async query(given) {
      assertQuery(given)
      const query = copyCall(given)
      return run({ name: 'query', query }, () => store.range(query).map(handOut))
    },
    async write(given) {
      assertWrite(given)
      const write = copyCall(given)
      return run({ name: 'write', write }, () => commit(markOf(write), [write]))
    },
    async transact(opId, given) {
      assertTransaction(opId, given)
      const writes = given.map(copyCall)
      return run({ name: 'transact', opId, writes }, () => commitOnce(opId, writes))
    },
    items: () => store.all().map(handOut),
  }
}

/** A single update that added tells what came of it; transactions do not. */
function outcomeOf(writes: readonly Write[], left: readonly (Item | undefined)[]): Outcome {
  const [write, ...more] = writes
  const [item] = left
  const adds = more.length === 0 && write?.kind === 'update' && write.add !== undefined
  return adds && item ? { committed: true, item: copyItem(item) } : { committed: true }
}

function sumOf(value: Value | undefined, by: number): number {
  if (typeof value !== 'number') throw new TypeError('Table: only a number can be added to')
  return value + by
}

/** The item as the write would leave it; a check leaves it as it was. */
function resultOf(write: Write, item: Item | undefined): Item | undefined {
  switch (write.kind) {
    case 'put':
      return write.item
    case 'update': {
      const removed = new Set(write.remove)
      const kept = Object.entries(item ?? {}).filter(([name]) => !removed.has(name))
      const added = Object.entries(write.add ?? {}).map(([name, by]) => [name, sumOf(item?.[name], by)])
      const changes = { ...write.set, ...Object.fromEntries(added) }
      return Object.freeze({ ...Object.fromEntries(kept), ...changes, PK: write.key.PK, SK: write.key.SK })
    }
    case 'delete':
      return undefined
    case 'check':
      return item
  }
}

function assertSizes(items: readonly (Item | undefined)[]): void {
  const sizes = items.map((item) => (item ? sizeOf(item) : 0))
  if (sizes.some((size) => size > limits.itemBytes))
    throw new TypeError('Table: an item holds at most 400 KB')
  const sum = sizes.reduce((total, size) => total + size, 0)
  if (sum > limits.transactionBytes) throw new TypeError('Table: a transaction holds at most 4 MB')
}

/** Calls are plain data throughout, so they are copied like values. */
function copyCall<Call extends Write | Key | Query | readonly Key[]>(call: Call): Call {
  return copy(call as unknown as Value) as unknown as Call
}
