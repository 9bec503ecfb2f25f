import type { AttributeValue } from '@aws-sdk/client-dynamodb'

import type { Item, Value } from '../../app/ports/table.ts'

/**
 * Our values on DynamoDB's wire. The document client would do as well, but it leaves the items inside exceptions
 * encoded, and those are what a loser needs.
 */
export function encodeAttributes(
  attributes: Readonly<Record<string, Value>>,
): Record<string, AttributeValue> {
  return Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, encode(value)]))
}

/** @throws TypeError on what only another writer can have put there: a set, or a number that loses digits here */
export function decodeItem(wire: Readonly<Record<string, AttributeValue>>): Item {
  const item = decodeAttributes(wire)
  if (typeof item['PK'] !== 'string' || typeof item['SK'] !== 'string')
    throw new TypeError('Table: item without key')
  return item as Item
}

/** Bytes are copied, because a request is made from them later, and again with each try. */
export function encode(value: Value): AttributeValue {
  if (typeof value === 'string') return { S: value }
  if (typeof value === 'number') return { N: String(value) }
  if (typeof value === 'boolean') return { BOOL: value }
  if (value === null) return { NULL: true }
  if (value instanceof Uint8Array) return { B: new Uint8Array(value) }
  if (isList(value)) return { L: value.map(encode) }
  return { M: encodeAttributes(value) }
}

function decode(wire: AttributeValue): Value {
  if (wire.S !== undefined) return wire.S
  if (wire.N !== undefined) return decodeNumber(wire.N)
  if (wire.BOOL !== undefined) return wire.BOOL
  if (wire.NULL !== undefined) return null
  if (wire.B !== undefined) return wire.B
  if (wire.L !== undefined) return wire.L.map(decode)
  if (wire.M !== undefined) return decodeAttributes(wire.M)
  throw new TypeError(`Table: values of kind ${Object.keys(wire).join()} are not ours`)
}

function decodeAttributes(wire: Readonly<Record<string, AttributeValue>>): Record<string, Value> {
  return Object.fromEntries(Object.entries(wire).map(([name, value]) => [name, decode(value)]))
}

function decodeNumber(digits: string): number {
  const value = Number(digits)
  if (!(Math.abs(value) <= Number.MAX_SAFE_INTEGER))
    throw new TypeError(`Table: ${digits} is not exact as a number`)
  return value
}

/** `Array.isArray` does not narrow readonly arrays. */
function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value)
}
