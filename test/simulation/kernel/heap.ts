/** Something that happens at an instant; of two at the same one the smaller tie comes first. */
export interface Entry {
  readonly at: number
  readonly tie: number
  readonly order: number
  readonly act: () => void
}

/** A binary heap: the earliest entry first. */
export function createHeap() {
  const entries: Entry[] = []

  function swap(one: number, other: number): void {
    const [a, b] = [entries[one], entries[other]]
    if (!a || !b) return
    entries[one] = b
    entries[other] = a
  }
  const before = (one: number, other: number): boolean => {
    const [a, b] = [entries[one], entries[other]]
    return a !== undefined && (b === undefined || precedes(a, b))
  }

  return {
    size: () => entries.length,
    first: () => entries[0],
    push(entry: Entry): void {
      entries.push(entry)
      for (let at = entries.length - 1; at > 0;) {
        const parent = (at - 1) >> 1
        if (!before(at, parent)) return
        swap(at, parent)
        at = parent
      }
    },
    pop(): Entry | undefined {
      const first = entries[0]
      const last = entries.pop()
      if (entries.length === 0 || !last) return first
      entries[0] = last
      for (let at = 0; ;) {
        const [left, right] = [2 * at + 1, 2 * at + 2]
        let least = at
        if (left < entries.length && before(left, least)) least = left
        if (right < entries.length && before(right, least)) least = right
        if (least === at) return first
        swap(at, least)
        at = least
      }
    },
  }
}

const precedes = (a: Entry, b: Entry): boolean =>
  a.at !== b.at ? a.at < b.at : a.tie !== b.tie ? a.tie < b.tie : a.order < b.order
