import type { Item, Value } from '../../app/ports/table.ts'

/**
 * A copy that shares nothing with its original and cannot be changed, so that no two callers share state. Bytes
 * cannot be frozen; they are only copied. There is one zero, as in DynamoDB.
 */
export function copyItem(item: Item): Item {
  return copy(item) as Item
}

export function copy(value: Value): Value {
  if (typeof value === 'number') return value === 0 ? 0 : value
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Uint8Array) return new Uint8Array(value)
  if (isList(value)) return Object.freeze(value.map(copy))
  return Object.freeze(Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, copy(inner)])))
}

/** What was copied once cannot be changed any more, and may be handed to anybody as it is, unless it holds bytes. */
export const handOut = (item: Item): Item => (holdsBytes(item) ? copyItem(item) : item)

const holdsBytes = (value: Value): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (value instanceof Uint8Array || Object.values(value).some(holdsBytes))

/** `Array.isArray` does not narrow readonly arrays. */
function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value)
}
