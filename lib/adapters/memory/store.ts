import type { Item, Key, Query } from '../../app/ports/table.ts'
import { compareUtf8 } from '../dynamodb/order.ts'

/** Items by partition, each partition in the byte order of its sort keys. */
export interface Store {
  read(key: Key): Item | undefined
  write(key: Key, item: Item | undefined): void
  range(query: Query): Item[]
  all(): Item[]
}

export function createStore(): Store {
  const partitions = new Map<string, Item[]>()
  const partition = (PK: string): Item[] => partitions.get(PK) ?? []
  return {
    read({ PK, SK }) {
      const items = partition(PK)
      const found = items[placeOf(items, SK)]
      return found?.SK === SK ? found : undefined
    },
    write({ PK, SK }, item) {
      const items = partition(PK)
      const at = placeOf(items, SK)
      items.splice(at, items[at]?.SK === SK ? 1 : 0, ...(item ? [item] : []))
      if (items.length > 0) partitions.set(PK, items)
      else partitions.delete(PK)
    },
    range({ PK, from, to, limit, backwards = false }) {
      const items = partition(PK)
      const start = from === undefined ? 0 : placeOf(items, from)
      const end = to === undefined ? items.length : placeAfter(items, to)
      const within = items.slice(start, Math.max(start, end))
      return (backwards ? within.toReversed() : within).slice(0, limit)
    },
    all: () => [...partitions.values()].flat(),
  }
}

/** Where the sort key is, or would be. */
function placeOf(items: readonly Item[], SK: string): number {
  let low = 0
  let high = items.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const item = items[middle]
    if (item && compareUtf8(item.SK, SK) < 0) low = middle + 1
    else high = middle
  }
  return low
}

function placeAfter(items: readonly Item[], SK: string): number {
  const at = placeOf(items, SK)
  return items[at]?.SK === SK ? at + 1 : at
}
