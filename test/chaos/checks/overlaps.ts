import type { Holding } from './holdings.ts'

/** Slots that two leases held at the same time, or whose epoch did not rise from one holding to the next. */
export function overlaps(holdings: readonly Holding[]): readonly string[] {
  const slots = Map.groupBy(holdings, ({ slot }) => slot)
  return [...slots.values()].flatMap((own) => {
    const inOrder = own.toSorted((a, b) => a.from - b.from || a.epoch - b.epoch)
    return inOrder.slice(1).flatMap((next, index) => {
      const before = inOrder[index]
      if (!before) return []
      const found: string[] = []
      if (next.from < before.to) found.push(`${told(before)} and ${told(next)} overlap`)
      if (next.epoch <= before.epoch)
        found.push(`the epoch did not rise from ${told(before)} to ${told(next)}`)
      return found
    })
  })
}

const told = ({ lease, slot, epoch, from, to }: Holding): string =>
  `${lease} on ${slot} at epoch ${epoch} (${from}..${to})`
