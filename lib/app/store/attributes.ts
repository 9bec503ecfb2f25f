import type { Item } from '../ports/table.ts'

/** A text attribute of an item of ours; anything else there is a fault. */
export function text(item: Item, attribute: string): string {
  const value = item[attribute]
  if (typeof value !== 'string') throw new Error(`${item.PK} ${item.SK} has no text in ${attribute}`)
  return value
}
