import { randomUUID } from 'node:crypto'

import type { Clause, Condition, Item, Key, Value, Write } from '../../lib/app/ports/table.ts'

type Attributes = Readonly<Record<string, Value>>

export const always: Condition = { name: 'always', all: [] }
export const absent: Condition = { name: 'is new', all: [{ is: 'item-absent' }] }
export const exists: Condition = { name: 'is there', all: [{ is: 'item-exists' }] }

export function when(...all: readonly Clause[]): Condition {
  return { name: 'under test', all }
}

/** Holds while nobody has moved the item on. */
export function versionIs(value: number): Condition {
  return { name: `version is ${value}`, all: [{ is: 'equal', attribute: 'ver', value }] }
}

/** A partition that no other test knows. */
export function freshPartition(): string {
  return `test#${randomUUID()}`
}

/** A key in a partition of its own. */
export function freshKey(): Key {
  return { PK: freshPartition(), SK: 'META' }
}

export function itemAt({ PK, SK }: Key, attributes: Attributes = {}): Item {
  return { ...attributes, PK, SK }
}

export function put(key: Key, attributes: Attributes = {}, condition = always): Write {
  return { kind: 'put', item: itemAt(key, attributes), when: condition }
}

export function update(key: Key, set: Attributes, condition = always): Write {
  return { kind: 'update', key, set, when: condition }
}

export function remove(key: Key, condition = always): Write {
  return { kind: 'delete', key, when: condition }
}

export function check(key: Key, condition: Condition): Write {
  return { kind: 'check', key, when: condition }
}
