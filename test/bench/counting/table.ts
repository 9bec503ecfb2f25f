import type { Operation } from '../../../lib/adapters/dynamodb/connection.ts'
import { identityOf, keyOf } from '../../../lib/adapters/dynamodb/limits.ts'
import { isEmptyRange } from '../../../lib/adapters/dynamodb/order.ts'
import type { Item, Key, Outcome, Table, Write } from '../../../lib/app/ports/table.ts'
import { createTally } from './tally.ts'
import type { Tally } from './tally.ts'
import {
  resultOf,
  unitsOfQuery,
  unitsOfRead,
  unitsOfRefusal,
  unitsOfTransaction,
  unitsOfWrite,
} from './units.ts'

export interface CountingTable extends Table {
  readonly tally: Tally
  /** The same table as one of its users reaches it: those calls are counted here and in a tally of their own. */
  reachedBy(user: Table, tally: Tally): Table
}

/**
 * Any table, with what it would be charged in DynamoDB. The size of an item that an update or a deletion meets is known
 * from what went through here before, so it counts from the first call on.
 * Requests are those of an adapter that need not try again: throttles and conflicts are not in them.
 */
export function createCountingTable(inner: Table): CountingTable {
  const known = new Map<string, Item>()
  const tally = createTally()
  const learn: Learn = (key, item) => {
    if (item) known.set(identityOf(key), item)
    else known.delete(identityOf(key))
  }
  return {
    ...counted(inner, tally, known, learn),
    tally,
    // Its answers come later than what they tell of: what is known is learnt from the calls themselves.
    reachedBy: (user, own) => counted(user, own, known, () => undefined),
  }
}

type Learn = (key: Key, item: Item | undefined) => void

function counted(inner: Table, tally: Tally, known: ReadonlyMap<string, Item>, learn: Learn): Table {
  const changesOf = (writes: readonly Write[]) =>
    writes.map((write) => {
      const before = known.get(identityOf(keyOf(write)))
      return { key: keyOf(write), before, after: resultOf(write, before) }
    })

  function settle(operation: Operation, writes: readonly Write[], outcome: Outcome): Outcome {
    const transaction = operation === 'TransactWriteItems'
    if (!outcome.committed) {
      for (const { index, item } of outcome.lost) {
        const write = writes[index]
        if (write) learn(keyOf(write), item)
      }
    }
    const changes = changesOf(writes)
    const [only] = changes
    const writeUnits = transaction
      ? unitsOfTransaction(changes)
      : outcome.committed
        ? unitsOfWrite(only?.before, only?.after)
        : unitsOfRefusal(only?.before)
    tally.add(operation, { requests: 1, writeUnits })
    if (outcome.committed) for (const { key, after } of changes) learn(key, after)
    else tally.refuse(operation, writeUnits, outcome.lost)
    return outcome
  }

  return {
    async get(key) {
      const item = await inner.get(key)
      learn(key, item)
      tally.add('GetItem', { requests: 1, readUnits: unitsOfRead(item) })
      return item
    },
    async getAll(keys) {
      const items = await inner.getAll(keys)
      const once = new Map(keys.map((key, at) => [identityOf(key), { key, item: items[at] }]))
      let readUnits = 0
      for (const { key, item } of once.values()) {
        learn(key, item)
        readUnits += unitsOfRead(item)
      }
      if (once.size > 0) tally.add('BatchGetItem', { requests: 1, readUnits })
      return items
    },
    async query(query) {
      const items = await inner.query(query)
      if (!isEmptyRange(query)) tally.add('Query', { requests: 1, readUnits: unitsOfQuery(items) })
      return items
    },
    async write(write) {
      return settle(OPERATIONS[write.kind], [write], await inner.write(write))
    },
    async transact(opId, writes) {
      return settle('TransactWriteItems', writes, await inner.transact(opId, writes))
    },
  }
}

/** DynamoDB has no check of its own outside of transactions. */
const OPERATIONS = {
  put: 'PutItem',
  update: 'UpdateItem',
  delete: 'DeleteItem',
  check: 'TransactWriteItems',
} as const satisfies Record<Write['kind'], Operation>
