import { sizeOf } from '../../../lib/adapters/memory/size.ts'
import type { Item, Write } from '../../../lib/app/ports/table.ts'

/**
 * What DynamoDB charges, by its developer guide ("DynamoDB read and write operations", "Amazon DynamoDB transactions").
 * All reads here are strongly consistent.
 */
const READ_UNIT = 4_096
const WRITE_UNIT = 1_024
/** Prepare and commit. */
const TRANSACTIONAL = 2

const unitsOf = (bytes: number, unit: number): number => Math.max(1, Math.ceil(bytes / unit))
const bytesOf = (item: Item | undefined): number => (item ? sizeOf(item) : 0)

/** GetItem, and each item of a BatchGetItem: rounded up one by one, and an item that is not there costs one. */
export const unitsOfRead = (item: Item | undefined): number => unitsOf(bytesOf(item), READ_UNIT)

/** The sum of what was found, rounded up once; one where nothing was. */
export const unitsOfQuery = (items: readonly Item[]): number =>
  unitsOf(
    items.reduce((sum, item) => sum + sizeOf(item), 0),
    READ_UNIT,
  )

/** The larger of what stood there and what stands there then; a deletion, and a check, what stood there. */
export const unitsOfWrite = (before: Item | undefined, after: Item | undefined): number =>
  unitsOf(Math.max(bytesOf(before), bytesOf(after)), WRITE_UNIT)

/** A condition that does not hold is paid by the item that it was held against. */
export const unitsOfRefusal = (before: Item | undefined): number => unitsOf(bytesOf(before), WRITE_UNIT)

/**
 * Every item of a transaction twice, checks among them. DynamoDB publishes no price for one that was cancelled: it is
 * counted like one that was committed, the most that it can be.
 */
export const unitsOfTransaction = (
  changes: readonly { readonly before: Item | undefined; readonly after: Item | undefined }[],
): number => changes.reduce((sum, { before, after }) => sum + TRANSACTIONAL * unitsOfWrite(before, after), 0)

/** The item as a write leaves it. */
export function resultOf(write: Write, before: Item | undefined): Item | undefined {
  switch (write.kind) {
    case 'put':
      return write.item
    case 'delete':
      return undefined
    case 'check':
      return before
    case 'update': {
      const gone = new Set(write.remove)
      const kept = Object.entries(before ?? {}).filter(([name]) => !gone.has(name))
      return { ...Object.fromEntries(kept), ...write.set, PK: write.key.PK, SK: write.key.SK }
    }
  }
}
