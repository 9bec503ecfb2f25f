import type { Ports } from '../ports/ports.ts'

/** One thing that cannot be looked at does not keep sweep and audit from the others; it is counted and told. */
export interface Guard {
  over<T>(facts: Readonly<Record<string, unknown>>, otherwise: T, act: () => Promise<T>): Promise<T>
  failures(): number
}

export function createGuard({ journal }: Pick<Ports, 'journal'>): Guard {
  let failures = 0
  return {
    async over(facts, otherwise, act) {
      try {
        return await act()
      } catch (error) {
        failures += 1
        journal.warn('something could not be looked at', { ...facts, fault: String(error) })
        return otherwise
      }
    },
    failures: () => failures,
  }
}
