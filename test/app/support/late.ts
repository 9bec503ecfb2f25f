import type { Ports } from '../../../lib/app/ports/ports.ts'
import type { Outcome, Table, Write } from '../../../lib/app/ports/table.ts'
import type { World } from '../../support/world.ts'

/**
 * Ports whose first write under this condition comes too late: something else happens between what its writer has read
 * and the write. The outcome of that write is kept.
 */
export function late(
  world: World,
  condition: string,
  meanwhile: () => Promise<unknown>,
): { readonly ports: Ports; readonly outcomes: readonly Outcome[] } {
  const outcomes: Outcome[] = []
  let waited = false
  const after = async (writes: readonly Write[], call: () => Promise<Outcome>): Promise<Outcome> => {
    if (waited || !writes.some((write) => write.when.name === condition)) return call()
    waited = true
    await meanwhile()
    const outcome = await call()
    outcomes.push(outcome)
    return outcome
  }
  const table: Table = {
    ...world.ports.table,
    write: async (write) => after([write], async () => world.ports.table.write(write)),
    transact: async (opId, writes) => after(writes, async () => world.ports.table.transact(opId, writes)),
  }
  return { ports: { ...world.ports, table }, outcomes }
}

export const winners = (outcomes: readonly Outcome[]): number =>
  outcomes.filter((outcome) => outcome.committed).length

export const lostTo = (outcomes: readonly Outcome[]): readonly string[] =>
  outcomes.flatMap((outcome) => (outcome.committed ? [] : outcome.lost.map((lost) => lost.condition)))
