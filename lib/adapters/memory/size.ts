import type { Item, Value } from '../../app/ports/table.ts'

/** Bytes that DynamoDB counts for an item: names and values in UTF-8, half a byte a digit, containers a little more. */
export function sizeOf(item: Item): number {
  return sizeOfEntries(item)
}

function sizeOfEntries(entries: Readonly<Record<string, Value>>): number {
  return Object.entries(entries).reduce(
    (sum, [name, value]) => sum + Buffer.byteLength(name) + sizeOfValue(value),
    0,
  )
}

function sizeOfValue(value: Value): number {
  if (typeof value === 'string') return Buffer.byteLength(value)
  if (typeof value === 'number') return sizeOfNumber(value)
  if (typeof value !== 'object' || value === null) return 1
  if (value instanceof Uint8Array) return value.byteLength
  const elements: readonly Value[] = Object.values(value)
  const names = Array.isArray(value) ? [] : Object.keys(value)
  const inner = elements.reduce<number>((sum, element) => sum + 1 + sizeOfValue(element), 3)
  return names.reduce((sum, name) => sum + Buffer.byteLength(name), inner)
}

/** Significant digits only, two to a byte, one byte for the exponent and one for a minus. */
function sizeOfNumber(value: number): number {
  const digits = value.toExponential().replace('-', '').split('e')[0]?.replace('.', '').length ?? 1
  return Math.ceil(digits / 2) + 1 + (value < 0 ? 1 : 0)
}
