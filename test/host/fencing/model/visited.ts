/** The states seen so far, in the order in which they were found, each with the one that it was found from. */
export interface Visited {
  readonly size: number
  /** Whether the state is new. */
  add(low: number, high: number, parent: number): boolean
  low(at: number): number
  high(at: number): number
  parent(at: number): number
}

const EMPTY = -1

export function createVisited(): Visited {
  let capacity = 1 << 16
  let lows = new Int32Array(capacity)
  let highs = new Int32Array(capacity)
  let parents = new Int32Array(capacity)
  let table = new Int32Array(capacity * 2).fill(EMPTY)
  let size = 0

  const placeFor = (low: number, high: number): number => {
    const mask = table.length - 1
    let place = mix(low, high) & mask
    for (;;) {
      const at = table[place] ?? EMPTY
      if (at === EMPTY || (lows[at] === low && highs[at] === high)) return place
      place = (place + 1) & mask
    }
  }
  const grow = (): void => {
    capacity *= 2
    lows = grown(lows, capacity)
    highs = grown(highs, capacity)
    parents = grown(parents, capacity)
    table = new Int32Array(capacity * 2).fill(EMPTY)
    for (let at = 0; at < size; at += 1) table[placeFor(lows[at] ?? 0, highs[at] ?? 0)] = at
  }

  return {
    get size() {
      return size
    },
    add: (low, high, parent) => {
      const place = placeFor(low, high)
      if (table[place] !== EMPTY) return false
      table[place] = size
      lows[size] = low
      highs[size] = high
      parents[size] = parent
      size += 1
      if (size === capacity) grow()
      return true
    },
    low: (at) => lows[at] ?? 0,
    high: (at) => highs[at] ?? 0,
    parent: (at) => parents[at] ?? EMPTY,
  }
}

function grown(from: Int32Array<ArrayBuffer>, length: number): Int32Array<ArrayBuffer> {
  const to = new Int32Array(length)
  to.set(from)
  return to
}

function mix(low: number, high: number): number {
  let mixed = Math.imul(low, 0x9e3779b1) ^ Math.imul(high, 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d)
  return (mixed ^ (mixed >>> 13)) >>> 0
}
