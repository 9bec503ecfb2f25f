import type { Clause, Condition, Item, Key, Query, Value, Write } from '../../app/ports/table.ts'

/**
 * What DynamoDB refuses, or would silently change, is our own fault and never a decision: it is thrown before
 * anything is sent. The in-memory twin throws by the same sentences.
 */
export const limits = {
  transactionWrites: 100,
  readKeys: 100,
  partitionKeyBytes: 2_048,
  sortKeyBytes: 1_024,
  itemBytes: 400 * 1_024,
  transactionBytes: 4 * 1_024 * 1_024,
  oneOfValues: 100,
  nesting: 31,
  smallestNumber: 1e-130,
} as const

/** @throws TypeError unless there are 1..100 sound writes, each on another item */
export function assertTransaction(opId: string, writes: readonly Write[]): void {
  if (opId === '') fail('an opId may not be empty')
  if (writes.length === 0) fail('a transaction needs a write')
  if (writes.length > limits.transactionWrites)
    fail(`a transaction holds at most ${limits.transactionWrites} writes`)
  for (const write of writes) assertWrite(write)
  const keys = new Set(writes.map((write) => identityOf(keyOf(write))))
  if (keys.size < writes.length) fail('a transaction may not write one item twice')
}

/** @throws TypeError on a write that no adapter may carry out */
export function assertWrite(write: Write): void {
  assertKey(keyOf(write))
  if (write.kind === 'put') assertAttributes(write.item)
  if (write.kind === 'update') assertUpdate(write.set, write.remove ?? [], write.add ?? {})
  assertCondition(write.when, write.kind)
}

/** @throws TypeError on more than 100 keys, or an unsound one */
export function assertKeys(keys: readonly Key[]): void {
  if (keys.length > limits.readKeys) fail(`at most ${limits.readKeys} items are read at once`)
  for (const key of keys) assertKey(key)
}

/** @throws TypeError on a key that is empty, too long, or not text that UTF-8 can hold */
export function assertKey({ PK, SK }: Key): void {
  assertKeyPart('PK', PK, limits.partitionKeyBytes)
  assertKeyPart('SK', SK, limits.sortKeyBytes)
}

/** @throws TypeError on an unsound partition, bound or limit */
export function assertQuery({ PK, from, to, limit }: Query): void {
  assertKeyPart('PK', PK, limits.partitionKeyBytes)
  if (from !== undefined) assertKeyPart('from', from, limits.sortKeyBytes)
  if (to !== undefined) assertKeyPart('to', to, limits.sortKeyBytes)
  if (!Number.isSafeInteger(limit) || limit < 1)
    fail(`a query's limit must be a whole number above 0, not ${limit}`)
}

export function keyOf(write: Write): Key {
  return write.kind === 'put' ? write.item : write.key
}

/** Equal for two keys exactly if they name one item. */
export function identityOf({ PK, SK }: Key): string {
  return `${PK.length}:${PK}${SK}`
}

function assertKeyPart(name: string, value: unknown, bytes: number): void {
  if (typeof value !== 'string' || value === '') fail(`${name} must be a text that is not empty`)
  assertText(value, name)
  if (Buffer.byteLength(value) > bytes) fail(`${name} is longer than ${bytes} bytes`)
}

function assertUpdate(
  set: Readonly<Record<string, Value>>,
  remove: readonly string[],
  add: Readonly<Record<string, number>>,
): void {
  assertAttributes(set)
  assertAttributes(add)
  for (const [name, value] of Object.entries<unknown>(add)) {
    if (typeof value !== 'number') fail(`${name} can only be added a number to`)
  }
  const names = [...Object.keys(set), ...remove, ...Object.keys(add)]
  if (names.length === 0) fail('an update must set, add or remove something')
  if (new Set(names).size < names.length) fail('an update may name an attribute only once')
  if (names.includes('PK') || names.includes('SK')) fail('an update cannot change the key')
  for (const name of remove) assertName(name)
}

function assertAttributes(attributes: Item | Readonly<Record<string, Value>>): void {
  for (const [name, value] of Object.entries(attributes)) {
    assertName(name)
    assertValue(value, name, 0)
  }
}

function assertValue(value: unknown, at: string, depth: number): void {
  if (depth > limits.nesting) fail(`${at} is nested deeper than ${limits.nesting} levels`)
  if (typeof value === 'string') assertText(value, at)
  else if (typeof value === 'number') assertNumber(value, at)
  else if (Array.isArray(value)) for (const element of value) assertValue(element, at, depth + 1)
  else if (isRecord(value)) {
    for (const [name, inner] of Object.entries(value)) {
      assertName(name)
      assertValue(inner, at, depth + 1)
    }
  } else if (typeof value !== 'boolean' && value !== null && !(value instanceof Uint8Array)) {
    fail(`${at} holds a value of type ${typeof value}, which a table cannot hold`)
  }
}

/** Only plain objects: a Date or a Map would lose what it is. */
function isRecord(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

function assertNumber(value: number, at: string): void {
  if (!(Math.abs(value) <= Number.MAX_SAFE_INTEGER)) fail(`${at} holds ${value}, which is not exact`)
  if (value !== 0 && Math.abs(value) < limits.smallestNumber) fail(`${at} holds ${value}, which is too small`)
}

/** Half a surrogate pair becomes U+FFFD in UTF-8, so two different keys would name one item. */
function assertText(value: string, at: string): void {
  if (!value.isWellFormed()) fail(`${at} holds text that UTF-8 cannot hold`)
}

function assertName(name: unknown): void {
  if (typeof name !== 'string' || name === '') fail('an attribute needs a name')
  assertText(name, 'the name of an attribute')
}

function assertCondition({ name, all }: Condition, kind: Write['kind']): void {
  if (kind === 'check' && all.length === 0) fail(`condition "${name}" checks nothing`)
  for (const clause of all) assertClause(clause, name)
}

function assertClause(clause: Clause, condition: string): void {
  if ('attribute' in clause) assertName(clause.attribute)
  if ('value' in clause) assertValue(clause.value, `condition "${condition}"`, 0)
  if (clause.is === 'any') {
    if (clause.of.length === 0) fail(`condition "${condition}" has an alternative without choices`)
    for (const inner of clause.of) assertClause(inner, condition)
  }
  if (clause.is === 'one-of') {
    if (clause.values.length === 0) fail(`condition "${condition}" has a choice of nothing`)
    if (clause.values.length > limits.oneOfValues) fail(`condition "${condition}" has too many choices`)
    for (const value of clause.values) assertValue(value, `condition "${condition}"`, 0)
  }
}

function fail(message: string): never {
  throw new TypeError(`Table: ${message}`)
}
