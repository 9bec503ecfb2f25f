import type { Operation } from '../../../lib/adapters/dynamodb/connection.ts'
import type { Lost } from '../../../lib/app/ports/table.ts'

export interface Count {
  readonly requests: number
  readonly readUnits: number
  readonly writeUnits: number
  /** Requests whose condition did not hold, and their share of the write units. */
  readonly refused: number
  readonly refusedUnits: number
}

export interface Tally {
  add(operation: Operation, change: Partial<Count>): void
  refuse(operation: Operation, units: number, lost: readonly Lost[]): void
  counts(): Readonly<Partial<Record<Operation, Count>>>
  total(): Count
  /** How often each condition did not hold. */
  lost(): Readonly<Record<string, number>>
  reset(): void
}

export const NOTHING: Count = { requests: 0, readUnits: 0, writeUnits: 0, refused: 0, refusedUnits: 0 }

export function createTally(): Tally {
  const counts = new Map<Operation, Count>()
  const lost = new Map<string, number>()
  const add: Tally['add'] = (operation, change) =>
    void counts.set(operation, sum(counts.get(operation) ?? NOTHING, change))
  return {
    add,
    refuse: (operation, refusedUnits, conditions) => {
      add(operation, { refused: 1, refusedUnits })
      for (const { condition } of conditions) lost.set(condition, (lost.get(condition) ?? 0) + 1)
    },
    counts: () => Object.fromEntries(counts),
    total: () => [...counts.values()].reduce(sum, NOTHING),
    lost: () => Object.fromEntries(lost),
    reset: () => {
      counts.clear()
      lost.clear()
    },
  }
}

const sum = (one: Count, other: Partial<Count>): Count => ({
  requests: one.requests + (other.requests ?? 0),
  readUnits: one.readUnits + (other.readUnits ?? 0),
  writeUnits: one.writeUnits + (other.writeUnits ?? 0),
  refused: one.refused + (other.refused ?? 0),
  refusedUnits: one.refusedUnits + (other.refusedUnits ?? 0),
})
