import type { Query } from '../../app/ports/table.ts'

/**
 * DynamoDB sorts text by its UTF-8 bytes, JavaScript by UTF-16 units. They differ in one place only: the units of a
 * surrogate pair stand below U+E000..U+FFFF, the characters they encode above.
 */
export function compareUtf8(left: string, right: string): number {
  const common = Math.min(left.length, right.length)
  for (let at = 0; at < common; at++) {
    const difference = rank(left.charCodeAt(at)) - rank(right.charCodeAt(at))
    if (difference !== 0) return difference
  }
  return left.length - right.length
}

/** True where no sort key lies between the bounds; DynamoDB takes such a range for a malformed request. */
export function isEmptyRange({ from, to }: Query): boolean {
  return from !== undefined && to !== undefined && compareUtf8(from, to) > 0
}

function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit
}
